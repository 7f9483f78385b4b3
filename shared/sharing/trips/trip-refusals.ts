import { Failure } from '../../kernel/failure.ts';
import type { DeclineReason } from '../payments/payments.ts';

export function tripNotFound(): Failure {
  return new Failure('not-found', 'trip-not-found', 'There is no such trip.', {
    resolution: 'List the trips first: each names its fence and its reservation.',
  });
}

export function tripNotToReview(status: string): Failure {
  return new Failure('conflict', 'trip-not-to-review', `The trip is ${status}: there is nothing to decide.`, {
    resolution: 'What was charged may be given back: POST …/refunds. What is owed may be forgiven: POST …/forgiveness.',
  });
}

export function endUnknown(): Failure {
  return new Failure('unacceptable', 'trip-end-unknown', 'The vehicle told of no end of this trip.', {
    resolution: 'Say when it is taken to have ended, or waive it.',
    errors: [{ pointer: '/endedAt', detail: 'is missing' }],
  });
}

export function endImpossible(detail: string): Failure {
  return new Failure('unacceptable', 'trip-end-impossible', 'The trip cannot have ended then.', {
    resolution: 'Name a time after its start, and no later than now and than the end that the vehicle told of.',
    errors: [{ pointer: '/endedAt', detail }],
  });
}

export function amountUnknown(): Failure {
  return new Failure('unacceptable', 'trip-amount-unknown', 'The partner has named no price that could be charged.', {
    resolution: 'Say what it costs, or waive it.',
    errors: [{ pointer: '/amount', detail: 'is missing' }],
  });
}

export function amountNotPossible(): Failure {
  return new Failure(
    'unacceptable',
    'trip-amount-not-possible',
    'The vehicle is no partner’s: its plan has the price.',
    {
      resolution: 'Settle it to an earlier end, waive it, or give part of it back afterwards.',
      errors: [{ pointer: '/amount', detail: 'is for vehicles of partners' }],
    },
  );
}

export function nothingOwed(): Failure {
  return new Failure('conflict', 'nothing-owed', 'Nothing is owed for this trip.', {
    resolution: 'Look at the trip: its payment says how it stands.',
  });
}

export function refundTooHigh(refundable: number, currency: string): Failure {
  return new Failure('conflict', 'refund-too-high', `At most ${refundable} (minor units of ${currency}) is left.`, {
    resolution: 'Give back no more than was taken, together with earlier refunds.',
    errors: [{ pointer: '/amount', detail: `is above ${refundable}` }],
  });
}

export function refundRefused(): Failure {
  return new Failure('conflict', 'refund-refused', 'The payment provider refused the refund.', {
    resolution: 'Look into its ledger: it holds less of this trip than was expected.',
  });
}

export function paymentMethodMissing(): Failure {
  return new Failure('unacceptable', 'payment-method-missing', 'Nothing says how to pay.', {
    resolution: 'Name a payment method in the request, or in the account.',
    errors: [{ pointer: '/paymentMethod', detail: 'is missing' }],
  });
}

export function debtNotPaid(reason: DeclineReason): Failure {
  return new Failure('conflict', 'debt-not-paid', `The payment was declined: ${reason}. It is owed as before.`, {
    resolution: 'Try another payment method.',
  });
}
