import { Failure } from '../../kernel/failure.ts';

export function damageNotFound(): Failure {
  return new Failure('not-found', 'damage-not-found', 'The operator knows of no such damage.', {
    resolution: 'GET /v1/sharing/vehicles/{vehicleId}/damages lists those of a vehicle.',
  });
}

const lookAtIt = { resolution: 'Look at it: it says what was decided.' };

export function damageDecided(): Failure {
  return new Failure('conflict', 'damage-decided', 'The damage was decided otherwise.', lookAtIt);
}

export function dirtDecidedBefore(): Failure {
  return new Failure('conflict', 'dirt-decided', 'The report was decided otherwise.', lookAtIt);
}

export function expenseDecidedBefore(): Failure {
  return new Failure('conflict', 'expense-decided', 'The expense was decided otherwise.', lookAtIt);
}

/** @param fault what the time should have been */
export function tooLateToReport(fault: string): Failure {
  return new Failure('conflict', 'report-too-late', `It is too late for this report: ${fault}.`, {
    resolution: 'Turn to the operator, whose staff can report it.',
  });
}

export function useUnknown(): Failure {
  return new Failure(
    'unacceptable',
    'use-unknown',
    'The vehicle was not driven under this reservation before the report.',
    {
      resolution: 'Take one that `uses` of the report lists.',
      errors: [{ pointer: '/reservationId', detail: 'is no use of this vehicle in which it was driven before' }],
    },
  );
}

export function amountMissing(): Failure {
  return new Failure(
    'unacceptable',
    'liability-incomplete',
    'Whoever is liable is charged: for which use, and how much?',
    {
      resolution: 'Name `reservationId` and `amount`, or decide otherwise.',
      errors: [
        { pointer: '/reservationId', detail: 'is needed with `driver-liable`' },
        { pointer: '/amount', detail: 'is needed with `driver-liable`' },
      ],
    },
  );
}

export function excessUnknown(): Failure {
  return new Failure(
    'conflict',
    'damage-excess-unknown',
    'The city has no excess: nobody has agreed to pay anything.',
    {
      resolution: 'Set `damageExcess` of the system to what its terms say.',
    },
  );
}

export function aboveExcess(excess: number, currency: string): Failure {
  return new Failure('unacceptable', 'damage-excess-exceeded', 'A driver pays the excess at the most.', {
    resolution: `Charge ${excess} (minor units, ${currency}) or less.`,
    errors: [{ pointer: '/amount', detail: `is more than ${excess}` }],
  });
}

export function dirtNotFound(): Failure {
  return new Failure('not-found', 'dirt-not-found', 'The operator knows of no such report.', {
    resolution: 'GET /v1/sharing/operators/{operatorId}/dirt lists those that are open.',
  });
}

export function itemNotFound(): Failure {
  return new Failure('not-found', 'lost-item-not-found', 'There is no such lost or found item.', {
    resolution: 'List them first.',
  });
}

export function itemStepImpossible(from: string, to: string): Failure {
  return new Failure('conflict', 'lost-item-step-impossible', `What is ${from} cannot become ${to}.`, {
    resolution: 'lost or found → matched → returned; what was found may be disposed of instead.',
  });
}

export function itemsDoNotFit(): Failure {
  return new Failure(
    'unacceptable',
    'lost-items-do-not-fit',
    'The two are not one lost and one found item of one vehicle.',
    {
      resolution: 'Take one that `suggestions` lists.',
      errors: [{ pointer: '/with', detail: 'does not fit' }],
    },
  );
}

export function cardNotFound(): Failure {
  return new Failure('not-found', 'card-not-found', 'The vehicle has no charge or fuel card.', {
    resolution: 'Pay yourself, and report the expense; its operator sets a card.',
  });
}

export function cardOnlyInTrip(): Failure {
  return new Failure(
    'conflict',
    'card-only-in-trip',
    'The card is shown while the trip runs, and to its driver alone.',
    {
      resolution: 'Start the trip first.',
    },
  );
}

export function cardAskedTooOften(seconds: number): Failure {
  return new Failure('throttled', 'card-asked-too-often', 'The PIN was shown five times within an hour.', {
    resolution: 'Write it on nothing; ask again later, or call the operator.',
    retryAfter: seconds,
  });
}

export function expenseNotFound(): Failure {
  return new Failure('not-found', 'expense-not-found', 'There is no such expense.', { resolution: 'List them first.' });
}

export function receiptReported(): Failure {
  return new Failure('conflict', 'receipt-reported', 'This receipt was reported before, as something else.', {
    resolution: 'GET …/expenses lists what was reported; another expense has a receipt of its own.',
    errors: [{ pointer: '/photoId', detail: 'is the receipt of another expense' }],
  });
}

export function openingImpossible(why: string): Failure {
  return new Failure('conflict', 'support-opening-impossible', `The vehicle stays as it is: ${why}.`, {
    resolution:
      'Only a paused trip is opened, for whoever has it, by a vehicle that is heard. Send somebody otherwise.',
  });
}

export function openedTooOften(seconds: number): Failure {
  return new Failure('throttled', 'support-opening-too-often', 'It was opened as often as may be within an hour.', {
    resolution: 'Send somebody to the vehicle.',
    retryAfter: seconds,
  });
}

export function licencePhotosMissing(): Failure {
  return new Failure('conflict', 'licence-photos-missing', 'The person has not shown both sides of a licence.', {
    resolution:
      'They send `licence-front` and `licence-back`; or verify them with POST …/verify after seeing the papers.',
  });
}
