/** What is said of the failures around holds, keys and drivers; part of the problem catalogue. */
export const bookingFailures = {
  'account-not-found': {
    kind: 'not-found',
    when: 'The person has no account with this operator.',
    remedy: 'The person joins with `POST /v1/me/sharing/{operatorId}/account`.',
  },
  'reservation-not-found': {
    kind: 'not-found',
    when: 'The person has and had no such reservation with this operator.',
    remedy: 'List the present one with `GET /v1/me/sharing/{operatorId}/reservations`, former trips with `…/trips`.',
  },
  'vehicle-not-offered': {
    kind: 'not-found',
    when: 'The operator shares no such vehicle.',
    remedy: 'Take one that the search has found.',
  },
  'driver-not-verified': {
    kind: 'forbidden',
    when: 'Nobody has verified the person’s papers.',
    remedy: 'Show them to the operator.',
  },
  'driver-blocked': {
    kind: 'forbidden',
    when: 'The operator takes no new reservations from the person, and has nothing opened for one that has not begun. What they drive they may finish.',
    remedy: 'Turn to the operator.',
  },
  'licence-missing': {
    kind: 'forbidden',
    when: 'The vehicle asks for a licence of a class that the person has not shown, or that is no longer valid.',
    remedy: 'Show the operator a valid licence, or take a vehicle of another type.',
  },
  'licence-recheck-due': {
    kind: 'forbidden',
    when: 'The vehicle asks for a licence, and the one that was seen is to be looked at again.',
    remedy: 'Show it to the operator again; `recheckDueAt` of the account says by when.',
  },
  'too-young': {
    kind: 'forbidden',
    when: 'The person is younger than the type of vehicle asks for.',
    remedy: 'Take a vehicle of another type.',
  },
  'debt-open': {
    kind: 'conflict',
    when: 'The person owes for a former trip. What they drive they may finish.',
    remedy: 'Pay it; `GET /v1/me/sharing/{operatorId}/account` says how much.',
  },
  'already-holding': {
    kind: 'conflict',
    when: 'The person has a vehicle of this operator.',
    remedy: 'Cancel or end what `GET /v1/me/sharing/{operatorId}/reservations` names.',
  },
  'vehicle-reserved': {
    kind: 'conflict',
    when: 'Somebody has the vehicle, or had it less than half a minute ago.',
    remedy: 'Take another; the search is at most 30 seconds old.',
  },
  'vehicle-not-in-service': {
    kind: 'conflict',
    when: 'The vehicle is out of service.',
    remedy: 'Take another.',
  },
  'vehicle-out-of-contact': {
    kind: 'conflict',
    when: 'The vehicle is silent, and not in a place known for that; or has not said yet that no former key opens it.',
    remedy: 'Take another, or wait until it is heard again.',
  },
  'vehicle-charge-low': {
    kind: 'conflict',
    when: 'The vehicle has less charge than its type needs.',
    remedy: 'Take another.',
  },
  'vehicle-key-not-void': {
    kind: 'conflict',
    when: 'A former holder’s key may still open the vehicle.',
    remedy: 'Take another; with `Retry-After` that key has expired by then.',
  },
  'vehicle-takes-no-key': {
    kind: 'conflict',
    when: 'The vehicle takes no digital key of the platform, or has never said that it does.',
    remedy: 'Open it as its operator says, or take another vehicle.',
  },
  'vehicle-in-use': {
    kind: 'conflict',
    when: 'Somebody has the vehicle.',
    remedy: 'Wait until it is free, or end the use with `POST /v1/sharing/vehicles/{vehicleId}/forced-end`.',
  },
  'vehicle-still-driven': {
    kind: 'conflict',
    when: 'The use was ended by force, and the vehicle has not said yet that the trip on board is over.',
    remedy: 'Wait until `barred` is gone from `GET /v1/sharing/vehicles/{vehicleId}`; or fetch it: `recovery`.',
  },
  'reservation-not-present': {
    kind: 'conflict',
    when: 'A forced end names a reservation that does not have the vehicle, and was not ended so.',
    remedy: 'See in `use` of `GET /v1/sharing/vehicles/{vehicleId}` who has it.',
  },
  'vehicle-installing': {
    kind: 'conflict',
    when: 'The vehicle is installing an update.',
    remedy: 'Wait until that has ended.',
  },
  'system-closed': {
    kind: 'conflict',
    when: 'The city’s service takes no holds at this time.',
    remedy: 'Come back within its opening hours.',
  },
  'package-unknown': {
    kind: 'unacceptable',
    when: 'The vehicle’s plan has no such package.',
    remedy: 'Take one that `resolution` lists, or none.',
  },
  'hold-expired': {
    kind: 'conflict',
    when: 'The hold has expired.',
    remedy: 'Hold the vehicle again, if nobody else has.',
  },
  'extensions-used': {
    kind: 'conflict',
    when: 'The hold was extended as often as the city allows.',
    remedy: 'Start the trip, or cancel.',
  },
  'trip-started': {
    kind: 'conflict',
    when: 'The trip has started.',
    remedy: 'End it at the vehicle.',
  },
  'payment-declined': {
    kind: 'conflict',
    when: 'The payment provider set no money aside. No key was issued; the hold goes on.',
    remedy: 'Name another payment method with `POST /v1/me/sharing/{operatorId}/account`, and ask again.',
  },
  'transition-not-possible': {
    kind: 'conflict',
    when: 'MDS 2.0 has no such event for the state that the vehicle is in.',
    remedy: 'See its state with `GET /v1/sharing/vehicles/{vehicleId}`.',
  },
} as const;
