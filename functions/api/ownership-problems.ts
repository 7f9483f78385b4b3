/** What is said of the failures around people, and what is theirs; part of the problem catalogue. */
export const ownershipFailures = {
  'claim-code-wrong': {
    kind: 'forbidden',
    when: 'Vehicle and code do not belong together. Whether there is such a vehicle, and whether it shows a code, is not said.',
    remedy: 'Compare both with the screen of the vehicle; it can show a new code at any time.',
  },
  'claim-code-expired': {
    kind: 'forbidden',
    when: 'It was the code of this vehicle for ten minutes, and these are over.',
    remedy: 'Let the vehicle show a new code.',
  },
  'claim-code-exhausted': {
    kind: 'forbidden',
    when: 'Five tries were made; also the right code opens nothing any more.',
    remedy: 'Let the vehicle show a new code.',
  },
  'vehicle-shared': {
    kind: 'conflict',
    when: 'Somebody claims a vehicle that serves in a sharing fleet, with the right code.',
    remedy: 'Its operator decommissions it before it is sold.',
  },
  'shared-vehicle-in-use': {
    kind: 'conflict',
    when: 'A person is to be erased who holds or drives a shared vehicle.',
    remedy: 'Cancel the reservation or end the trip, then ask again.',
  },
  'person-erased': {
    kind: 'conflict',
    when: 'The person has asked for the erasure of their data, and their token is still valid.',
    remedy: 'Read how far the erasure is, and sign up anew to own a vehicle again.',
  },
  'erasure-not-found': {
    kind: 'not-found',
    when: 'There is no such erasure, or it is somebody else’s.',
    remedy: 'Ask with the erasure id that the request for erasure was answered with.',
  },
  'vehicle-not-yours': {
    kind: 'not-found',
    when: 'The person does not own such a vehicle. Whether there is one is not said.',
    remedy: 'List the own vehicles with `GET /v1/me/vehicles`.',
  },
  'offer-over': {
    kind: 'conflict',
    when: 'The hand-over whose Idempotency-Key was repeated is over: it has lapsed, or was withdrawn or replaced, or the vehicle was given up since.',
    remedy: 'Offer the vehicle again under a new `Idempotency-Key`.',
  },
  'offer-not-found': {
    kind: 'not-found',
    when: 'The person is not offered this: it has lapsed, was withdrawn, replaced or declined, or was never theirs.',
    remedy: 'List the offers with `GET /v1/me/offers`.',
  },
  'vehicle-owned': {
    kind: 'conflict',
    when: 'The code is right, and the vehicle has an owner.',
    remedy: 'Whoever owns it hands it on or gives it up.',
  },
  'handover-to-oneself': {
    kind: 'unacceptable',
    when: 'The vehicle would be handed to the person whose it is.',
    remedy: 'Name the person who shall own it.',
  },
  'too-many-claims': {
    kind: 'throttled',
    when: 'The person has tried more than sixty codes within an hour.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
} as const;
