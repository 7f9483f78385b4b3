import { Failure } from '../../kernel/failure.ts';
import type { SharingSystem } from '../setup/system.ts';

export function invoicingNotSetUp(): Failure {
  return new Failure('conflict', 'invoicing-not-set-up', 'The operator has not said who issues its invoices.', {
    resolution:
      'The operator sets `invoicing` (legal name, address, VAT id, prefix of numbers): PATCH /v1/sharing/operators/{operatorId}. Then ask again: nothing is lost meanwhile.',
  });
}

export function recipientMissing(): Failure {
  return new Failure('conflict', 'invoice-recipient-missing', 'An invoice of this amount has to say to whom it is.', {
    resolution: 'Say your name and address with POST …/invoice-recipient, and ask again.',
  });
}

export function nothingInvoiced(why: string): Failure {
  return new Failure('conflict', 'nothing-to-invoice', why, {
    resolution: 'Look at the trip: it says how it is paid, and by whom.',
  });
}

export function nothingToPay(month: string): Failure {
  return new Failure('conflict', 'nothing-to-invoice', `Nothing is to be paid by the business for ${month}.`, {
    resolution: 'GET …/businesses/{businessId}/months names the months in which something stands.',
  });
}

export function monthCarried(month: string, to: string): Failure {
  const why = `Nothing is to be paid by the business for ${month}: what it is owed for it was carried to ${to}.`;
  return new Failure('conflict', 'nothing-to-invoice', why, {
    resolution: `Invoice ${to} when it is over: it is taken off there. GET …/businesses/{businessId}/months tells what stands in each.`,
  });
}

export function invoiceNotFound(): Failure {
  return new Failure('not-found', 'invoice-not-found', 'There is no such invoice or credit note.', {
    resolution: 'List them first: GET …/invoices names their numbers.',
  });
}

export function chargeNotFound(): Failure {
  return new Failure('not-found', 'charge-not-found', 'There is no such charge.', {
    resolution: 'List them first: GET …/charges names them.',
  });
}

export function chargedOtherwise(chargeId: string): Failure {
  return new Failure(
    'conflict',
    'charge-known-otherwise',
    `There is a charge ${chargeId} already, of something else.`,
    {
      resolution: 'Another charge needs another id, or another Idempotency-Key.',
    },
  );
}

export function nobodyToCharge(): Failure {
  return new Failure('not-found', 'account-not-found', 'The person has no account with this operator.', {
    resolution: 'Name whoever had the vehicle: the trips of a vehicle name them.',
  });
}

export function currencyOther(currency: string): Failure {
  return new Failure('invalid', 'currency-other', `The city charges in ${currency}.`, {
    resolution: `Say the amount in ${currency}.`,
    errors: [{ pointer: '/currency', detail: `is not ${currency}` }],
  });
}

export function excessExceeded(excess: number, { systemId, currency }: SharingSystem): Failure {
  const why = `A damage costs a driver of ${systemId} at most ${excess} (minor units of ${currency}).`;
  return new Failure('conflict', 'excess-exceeded', why, {
    resolution: 'Charge no more than the excess, which `damageExcess` of the system says.',
    errors: [{ pointer: '/amount', detail: `is above ${excess}` }],
  });
}

export function disputeTooLate(until: number): Failure {
  const why = `It could be disputed until ${new Date(until).toISOString()}.`;
  return new Failure('conflict', 'dispute-too-late', why, { resolution: 'Turn to the operator.' });
}

export function disputedBefore(): Failure {
  return new Failure('conflict', 'charge-disputed-before', 'The charge was disputed before, with other words.', {
    resolution: 'Wait for the decision, or turn to the operator.',
  });
}

export function nothingDisputed(): Failure {
  return new Failure('conflict', 'charge-not-disputed', 'Nobody disputes the charge, or it was decided.', {
    resolution: 'Reduce or waive it, if it is not right; there is nothing to uphold.',
  });
}

export function reductionMissing(): Failure {
  return new Failure('invalid', 'invalid-body', 'The body is not valid.', {
    errors: [{ pointer: '/amount', detail: 'is missing: how much less is it?' }],
  });
}

export function reductionTooHigh(left: number, currency: string): Failure {
  return new Failure(
    'conflict',
    'credit-above-invoice',
    `At most ${left} (minor units of ${currency}) is left of it.`,
    {
      resolution: 'Take off no more than was charged, together with what was taken off before.',
      errors: [{ pointer: '/amount', detail: `is above ${left}` }],
    },
  );
}

/** @param edges what is known of the trips nearby; nobody is named */
export function noTripThen(edges: string): Failure {
  return new Failure('conflict', 'no-trip-then', `Nobody had the vehicle at that time. ${edges}`, {
    resolution: 'Look whether the time, with its zone, and the plate are those of the offence.',
    errors: [{ pointer: '/at', detail: 'is in no trip' }],
  });
}

export function notYet(): Failure {
  return noTripThen('That time has not come.');
}

export function onlyHeldThen(edges: string): Failure {
  return new Failure('conflict', 'only-held-then', `The vehicle was held, and nobody had opened it. ${edges}`, {
    resolution: 'Who parked it there is whoever had it before: POST …/charges names them by their trip.',
    errors: [{ pointer: '/at', detail: 'is between a hold and its start' }],
  });
}

export function plateUnknown(): Failure {
  return new Failure('not-found', 'plate-unknown', 'No vehicle of the operator has this plate.', {
    resolution: 'Name the vehicle by `vehicleId`, if its plate was another at the time.',
  });
}

export function timeAmbiguous(choices: readonly string[]): Failure {
  return new Failure('unacceptable', 'time-ambiguous', 'By the clock of the city this time was twice, or never.', {
    resolution: choices.length === 0 ? 'Say it with its offset from UTC.' : `Say which: ${choices.join(' or ')}.`,
    errors: [{ pointer: '/at', detail: 'names no single instant' }],
  });
}

export function businessNotFound(): Failure {
  return new Failure('not-found', 'business-not-found', 'There is no such business account.', {
    resolution: 'GET …/businesses lists those of an operator, GET …/memberships those of a person.',
  });
}

export function notMember(): Failure {
  return new Failure('forbidden', 'not-a-member', 'You may not travel at the cost of this business.', {
    resolution: 'GET …/memberships names the businesses that pay for you; leave `billTo` out to pay yourself.',
    errors: [{ pointer: '/billTo', detail: 'is no business that you are a member of' }],
  });
}

export function businessOwes(): Failure {
  return new Failure('conflict', 'business-debt-open', 'The business has not paid a former invoice.', {
    resolution: 'Leave `billTo` out to pay yourself, or ask the business to pay.',
  });
}

export function businessCurrencyStays(): Failure {
  return new Failure('invalid', 'currency-other', 'The business is invoiced in the currency that it has.', {
    resolution: 'Open another account for a city of another currency.',
    errors: [{ pointer: '/systemId', detail: 'has another currency' }],
  });
}

export function businessCannotPay(why: string): Failure {
  return new Failure('conflict', 'business-cannot-pay', why, {
    resolution: 'Leave `billTo` out to pay yourself, or take a vehicle in a city of the business’s currency.',
    errors: [{ pointer: '/billTo', detail: 'cannot pay for this vehicle' }],
  });
}

export function invitationUnknown(): Failure {
  return new Failure('not-found', 'invitation-not-found', 'There is no such invitation, or it was taken or is over.', {
    resolution: 'Ask the business for a new one.',
  });
}

export function monthNotOver(month: string): Failure {
  return new Failure('conflict', 'month-not-over', `${month} is not over yet by the clock of the city.`, {
    resolution: 'Ask again when it is over.',
  });
}

export function businessKnownOtherwise(businessId: string): Failure {
  return new Failure('conflict', 'business-known-otherwise', `There is a business ${businessId} already, otherwise.`, {
    resolution: 'PATCH changes it; another one needs another id.',
  });
}
