import { Failure } from '../../kernel/failure.ts';

/** Each reason for which a booking is refused. None says anything of another person. */

export function vehicleReserved(): Failure {
  return new Failure('conflict', 'vehicle-reserved', 'Somebody has the vehicle.', {
    resolution: 'Search again: another may stand near.',
  });
}

export function vehicleNotInService(): Failure {
  return new Failure('conflict', 'vehicle-not-in-service', 'The vehicle is not in service.', {
    resolution: 'Search again: another may stand near.',
  });
}

export function vehicleOutOfContact(): Failure {
  return new Failure('conflict', 'vehicle-out-of-contact', 'The vehicle has not been heard of for some time.', {
    resolution: 'Take another vehicle, or wait until this one is heard again.',
  });
}

export function vehicleChargeLow(): Failure {
  return new Failure('conflict', 'vehicle-charge-low', 'The vehicle has less charge than its type needs.', {
    resolution: 'Take another vehicle.',
  });
}

/** @param seconds after which the former key has expired; absent where the vehicle itself has to say so */
export function keyNotVoid(seconds?: number): Failure {
  return new Failure('conflict', 'vehicle-key-not-void', 'A former key may still open the vehicle.', {
    resolution: 'Take another vehicle, or ask again later: the vehicle says when that key is void on board.',
    ...(seconds !== undefined && { retryAfter: seconds }),
  });
}

export function alreadyHolding(): Failure {
  return new Failure('conflict', 'already-holding', 'You have a vehicle of this operator already.', {
    resolution: 'Cancel or end what you have first: GET …/reservations names it.',
  });
}

export function accountMissing(): Failure {
  return new Failure('not-found', 'account-not-found', 'The person has no account with this operator.', {
    resolution: 'Whoever wants to drive joins with POST /v1/me/sharing/{operatorId}/account.',
  });
}

export function driverNotVerified(): Failure {
  return new Failure('forbidden', 'driver-not-verified', 'Nobody has verified your papers yet.', {
    resolution: 'Show your papers to the operator.',
  });
}

export function driverBlocked(): Failure {
  return new Failure('forbidden', 'driver-blocked', 'The operator has closed your account for new trips.', {
    resolution: 'Turn to the operator. What you drive you may finish.',
  });
}

export function licenceMissing(licence: string): Failure {
  return new Failure('forbidden', 'licence-missing', `The vehicle asks for a valid licence of class ${licence}.`, {
    resolution: 'Show the operator such a licence, or take a vehicle of another type.',
  });
}

export function licenceRecheckDue(): Failure {
  return new Failure('forbidden', 'licence-recheck-due', 'Your licence is to be looked at again.', {
    resolution:
      'Send photos of both sides (POST …/licence/photos), or show it to the operator. What you drive you may finish.',
  });
}

export function tooYoung(): Failure {
  return new Failure('forbidden', 'too-young', 'You are younger than this type of vehicle asks for.', {
    resolution: 'Take a vehicle of another type.',
  });
}

export function debtOpen(): Failure {
  return new Failure('conflict', 'debt-open', 'A former trip is not paid.', {
    resolution: 'Pay it first: GET …/account says how much. What you drive you may finish.',
  });
}

export function requestReused(): Failure {
  return new Failure('unacceptable', 'idempotency-key-reused', 'This Idempotency-Key belongs to another request.', {
    resolution: 'Use a new key for a new request.',
    errors: [{ pointer: 'Idempotency-Key', detail: 'was sent before with another body' }],
  });
}

export function reservationNotFound(): Failure {
  return new Failure('not-found', 'reservation-not-found', 'You have no such reservation.', {
    resolution: 'GET …/reservations names what you have, GET …/trips what you had.',
  });
}

export function holdExpired(): Failure {
  return new Failure('conflict', 'hold-expired', 'The hold has expired.', {
    resolution: 'Hold the vehicle again, if nobody else has.',
  });
}

export function extensionsUsed(most: number): Failure {
  return new Failure('conflict', 'extensions-used', `A hold can be extended ${most} times, and was.`, {
    resolution: 'Start the trip, or cancel.',
  });
}

export function tripStarted(): Failure {
  return new Failure('conflict', 'trip-started', 'The trip has started.', {
    resolution: 'End it at the vehicle.',
  });
}

export function vehicleUnknown(): Failure {
  return new Failure('not-found', 'vehicle-not-offered', 'The operator has no such vehicle.', {
    resolution: 'Search again.',
  });
}

export function vehicleInUse(): Failure {
  return new Failure('conflict', 'vehicle-in-use', 'Somebody has the vehicle.', {
    resolution: 'Wait until it is free, or end the use: POST …/forced-end.',
  });
}

export function vehicleStillDriven(): Failure {
  return new Failure('conflict', 'vehicle-still-driven', 'The vehicle was taken back, and may be driven still.', {
    resolution: 'Wait until it has said that the trip is over. Whoever goes to fetch it takes it out with `recovery`.',
  });
}

/** Of somebody else, or of a use that is over otherwise. */
export function reservationNotPresent(): Failure {
  return new Failure('conflict', 'reservation-not-present', 'The vehicle is not with this reservation.', {
    resolution: 'GET /v1/sharing/vehicles/{vehicleId} names in `use` who has it; GET …/trips what became of others.',
    errors: [{ pointer: '/reservationId', detail: 'is not the present one' }],
  });
}

export function vehicleInstalling(): Failure {
  return new Failure('conflict', 'vehicle-installing', 'The vehicle is installing an update.', {
    resolution: 'Wait until the campaign says that it has ended.',
  });
}
