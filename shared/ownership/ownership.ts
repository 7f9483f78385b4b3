import type { PersonId } from '../access/person.ts';
import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Brand } from '../registry/brand.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';

/** Milliseconds for which a hand-over may be accepted. */
export const offerLifetime = 7 * 24 * 3_600_000;

/** Whose a vehicle is. It stays when nobody owns the vehicle any more, so that its changes keep their order. */
export interface Ownership {
  readonly vehicleId: VehicleId;
  readonly brand: Brand;
  readonly owner?: Owner;
  readonly offer?: Offer;
  /** When the owner changed last. */
  readonly changedAt: Instant;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

export interface Owner {
  readonly personId: PersonId;
  readonly since: Instant;
  /** Of the change that made them the owner. */
  readonly changeId: string;
}

/** The owner would hand the vehicle on. */
export interface Offer {
  readonly offerId: string;
  /** Digest of the recipient's username. Whether there is such a person is not asked. */
  readonly recipient: string;
  readonly madeAt: Instant;
  readonly expiresAt: Instant;
}

export type ChangeReason = 'claimed' | 'handed-on' | 'given-up' | 'erased';

/** One line of a vehicle's history. It is written with the change and never altered, but for erased persons. */
export interface OwnershipChange {
  /** The operation that asked for it: the same again when it is carried out again. */
  readonly changeId: string;
  readonly vehicleId: VehicleId;
  readonly brand: Brand;
  readonly reason: ChangeReason;
  readonly from?: PersonId;
  readonly to?: PersonId;
  readonly at: Instant;
  /** The code it was claimed with: the vehicle stops showing it. */
  readonly codeRevision?: number;
  readonly offerId?: string;
  /** Somebody who stood here was erased. */
  readonly partyErased?: true;
}

/** What a decision comes to: the next state, and the line of history where the owner changes. */
export interface Step {
  readonly seen: Ownership | undefined;
  readonly next: Ownership;
  readonly change?: OwnershipChange;
}

export interface ClaimFacts {
  readonly vehicleId: VehicleId;
  readonly brand: Brand;
  readonly personId: PersonId;
  readonly changeId: string;
  readonly codeRevision: number;
}

/** Undefined where the vehicle is theirs already. */
export function claimed(seen: Ownership | undefined, claim: ClaimFacts, now: Instant): Step | undefined {
  const { vehicleId, brand, personId, changeId, codeRevision } = claim;
  if (seen?.owner?.personId === personId) return undefined;
  if (seen?.owner !== undefined) throw vehicleOwned();
  const at = nextInstant(seen, now);
  const next = { vehicleId, brand, owner: { personId, since: at, changeId }, ...moved(seen, at) };
  return { seen, next, change: { changeId, vehicleId, brand, reason: 'claimed', to: personId, at, codeRevision } };
}

/** Replaces an offer that was made before. Undefined where this very offer stands. */
export function offered(
  seen: Ownership,
  { offerId, recipient }: Pick<Offer, 'offerId' | 'recipient'>,
  now: Instant,
): Step | undefined {
  if (seen.offer?.offerId === offerId) return undefined;
  const offer = { offerId, recipient, madeAt: now, expiresAt: now + offerLifetime };
  return { seen, next: { ...seen, offer, version: seen.version + 1 } };
}

/** Withdrawn by the owner, declined by the recipient, or lapsed. */
export function withoutOffer(seen: Ownership): Step {
  const { offer: _, ...next } = seen;
  return { seen, next: { ...next, version: seen.version + 1 } };
}

export function accepted(
  seen: Ownership,
  { offerId, personId, changeId }: { readonly offerId: string; readonly personId: PersonId; readonly changeId: string },
  now: Instant,
): Step {
  const { vehicleId, brand, owner, offer } = seen;
  if (owner === undefined || offer?.offerId !== offerId || offer.expiresAt <= now) throw offerNotFound();
  if (owner.personId === personId) throw handoverToOneself();
  const at = nextInstant(seen, now);
  const next = { vehicleId, brand, owner: { personId, since: at, changeId }, ...moved(seen, at) };
  const parties = { from: owner.personId, to: personId };
  return { seen, next, change: { changeId, vehicleId, brand, reason: 'handed-on', ...parties, at, offerId } };
}

/** Undefined where the vehicle is not theirs. */
export function ended(
  seen: Ownership,
  {
    personId,
    changeId,
    reason,
  }: { readonly personId: PersonId; readonly changeId: string; readonly reason: 'given-up' | 'erased' },
  now: Instant,
): Step | undefined {
  const { vehicleId, brand, owner } = seen;
  if (owner?.personId !== personId) return undefined;
  const at = nextInstant(seen, now);
  return {
    seen,
    next: { vehicleId, brand, ...moved(seen, at) },
    change: { changeId, vehicleId, brand, reason, from: personId, at },
  };
}

/** Who owns the vehicle after these changes, the oldest first. */
export function ownerAfter(changes: readonly Pick<OwnershipChange, 'to'>[]): PersonId | undefined {
  return changes.at(-1)?.to;
}

export function openOffer(ownership: Ownership | undefined, now: Instant): Offer | undefined {
  const offer = ownership?.offer;
  return offer !== undefined && offer.expiresAt > now ? offer : undefined;
}

/** Two changes of one vehicle never share an instant, so that their history has one order, whoever's clock was behind. */
function nextInstant(seen: Ownership | undefined, now: Instant): Instant {
  return Math.max(now, (seen?.changedAt ?? 0) + 1);
}

function moved(seen: Ownership | undefined, changedAt: Instant): Pick<Ownership, 'changedAt' | 'version'> {
  return { changedAt, version: (seen?.version ?? 0) + 1 };
}

function vehicleOwned(): Failure {
  return new Failure('conflict', 'vehicle-owned', 'The vehicle has an owner.', {
    resolution: 'Whoever owns it hands it on or gives it up; then it can be claimed.',
  });
}

export function notYours(): Failure {
  return new Failure('not-found', 'vehicle-not-yours', 'You own no such vehicle.', {
    resolution: 'GET /v1/me/vehicles lists the vehicles that are yours.',
  });
}

export function offerNotFound(): Failure {
  return new Failure('not-found', 'offer-not-found', 'There is no such offer for you.', {
    resolution: 'GET /v1/me/offers lists what you are offered; an offer lapses, is replaced or withdrawn.',
  });
}

export function handoverToOneself(): Failure {
  return new Failure('unacceptable', 'handover-to-oneself', 'The vehicle is yours already.', {
    resolution: 'Name the person who shall own it.',
    errors: [{ pointer: '/to', detail: 'is you' }],
  });
}
