import { Failure } from '../kernel/failure.ts';
import type { Told } from './package.ts';
import type { TompProcess } from './tomp/link.ts';

/** Each reason for which a partner's request is refused. None says anything of another partner. */

export function offerNotFound(): Failure {
  return new Failure('not-found', 'offer-not-found', 'This client has no such offer.', {
    resolution: 'Offers are good for five minutes: search again.',
  });
}

export function offerExpired(): Failure {
  return new Failure('conflict', 'offer-expired', 'The offer is no longer good.', { resolution: 'Search again.' });
}

export function offerUsed(): Failure {
  return new Failure('conflict', 'offer-used', 'The offer was bought before, for another traveller.', {
    resolution: 'Search again: each offer is bought once.',
  });
}

export function offerOutdated(): Failure {
  return new Failure('conflict', 'offer-outdated', 'The vehicle has another price by now.', {
    resolution: 'Search again, and show the new price.',
  });
}

export function packageNotFound(): Failure {
  return new Failure('not-found', 'package-not-found', 'This client has no such package.', {
    resolution: 'GET …/collections/packages/items lists them.',
  });
}

export function legNotFound(): Failure {
  return new Failure('not-found', 'leg-not-found', 'This client has no such leg.', {
    resolution: 'A package names its legs; one that has one leg alone gives it its own id.',
  });
}

export function packagesTooMany(most: number): Failure {
  return new Failure('conflict', 'packages-too-many', `There are ${most} packages open already.`, {
    resolution: 'Confirm, end or give back some of them, or agree upon more with the operator.',
  });
}

export function packageExpired(): Failure {
  return new Failure('conflict', 'package-expired', 'The package has expired: nobody confirmed it in time.', {
    resolution: 'Search again, and extend what takes longer: extend-expiry-time.',
  });
}

export function processNotPossible({ status }: Told, process: TompProcess, now: readonly TompProcess[]): Failure {
  return new Failure('conflict', 'process-not-possible', `The package is ${status}: no ${process} now.`, {
    resolution: what(now),
    errors: [{ pointer: '/inputs/package', detail: `is ${status}` }],
  });
}

export function legOperationNotPossible({ leg }: Told, operation: string, now: readonly TompProcess[]): Failure {
  return new Failure('conflict', 'leg-operation-not-possible', `The leg is ${leg}: no ${operation} now.`, {
    resolution: what(now),
    errors: [{ pointer: '/inputs/leg', detail: `is ${leg}` }],
  });
}

export function legFollowsVehicle({ leg }: Told, operation: string, unmet: readonly string[]): Failure {
  const says = `The leg is ${leg}, and the vehicle itself decides upon ${operation}.`;
  return new Failure('conflict', 'leg-follows-vehicle', says, {
    resolution: 'The traveller asks the vehicle, by the digital key; it says by name what stands against it.',
    errors: [
      { pointer: '/inputs/leg', detail: `is ${leg}` },
      ...unmet.map((detail) => ({ pointer: '/inputs/leg', detail })),
    ],
  });
}

export function legOperationUnknown(operation: string, known: readonly string[]): Failure {
  return new Failure('not-found', 'leg-operation-unknown', `No leg can be told to ${operation}.`, {
    resolution: `There are ${known.map((one) => `${one}-leg`).join(', ')}.`,
  });
}

export function timestampNotPossible(detail: string): Failure {
  return new Failure('invalid', 'timestamp-not-possible', 'It cannot have been asked for at that time.', {
    resolution: 'Leave `timestamp` out, or say when it was asked for on the phone, in UTC or with an offset.',
    errors: [{ pointer: '/inputs/timestamp', detail }],
  });
}

export function phoneKeyMissing(detail: string): Failure {
  return new Failure('invalid', 'phone-key-missing', 'The vehicle is opened by a key for one phone.', {
    resolution: 'Send the public key of the traveller’s phone: P-256, SPKI, base64url.',
    errors: [{ pointer: '/inputs/customFields/phoneKey', detail }],
  });
}

export function assetNotAssignable(): Failure {
  return new Failure('conflict', 'asset-not-assignable', 'The package is for another vehicle.', {
    resolution: 'Give it back (release-package), and buy an offer of the vehicle that is wanted.',
    errors: [{ pointer: '/inputs/asset', detail: 'is not the package’s' }],
  });
}

export function notCharged(): Failure {
  return new Failure('conflict', 'package-not-charged', 'What the package costs does not stand yet.', {
    resolution:
      'GET …/collections/payments/items shows it in a moment; one that is looked at by its operator takes longer.',
    retryAfter: 2,
  });
}

function what(now: readonly TompProcess[]): string {
  return now.length === 0 ? 'Nothing more can be done with it.' : `Possible now: ${now.join(', ')}.`;
}
