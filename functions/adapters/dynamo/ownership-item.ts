import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import type { ClaimCode } from '#shared/ownership/claim-code.ts';
import type { Offer, Ownership, OwnershipChange } from '#shared/ownership/ownership.ts';
import type { ReceivedOffer } from '#shared/ownership/ownership-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ttl } from './document-client.ts';
import { brandValue, vehicleIdValue } from './registry-item.ts';

const historyPrefix = 'h#';
const offerPrefix = 'offer#';
const formerPrefix = 'was#';

/** The one author of the Ownership table's keys. */
export const ownershipKeys = {
  owner: (vehicleId: VehicleId) => ({ pk: vehicleId, sk: 'owner' }),
  code: (vehicleId: VehicleId) => ({ pk: vehicleId, sk: 'code' }),
  change: ({ vehicleId, at, changeId }: Pick<OwnershipChange, 'vehicleId' | 'at' | 'changeId'>) => ({
    pk: vehicleId,
    sk: `${historyPrefix}${String(at).padStart(13, '0')}#${changeId}`,
  }),
  /** Found by the recipient, who knows no vehicle. */
  offer: (recipient: string, offerId: string) => ({ pk: `to#${recipient}`, sk: `${offerPrefix}${offerId}` }),
  /** That the person owns or owned the vehicle: by it their traces are found. */
  former: (personId: PersonId, vehicleId: VehicleId) => ({
    pk: `person#${personId}`,
    sk: `${formerPrefix}${vehicleId}`,
  }),
  tries: (personId: PersonId, subject: string) => ({ pk: `person#${personId}`, sk: `tries#${subject}` }),
};

/** Everything of a vehicle, a person or a recipient, or a part of it. */
export const ownershipRanges = {
  vehicle: (vehicleId: VehicleId) => ({ pk: vehicleId, prefix: '' }),
  history: (vehicleId: VehicleId) => ({ pk: vehicleId, prefix: historyPrefix }),
  person: (personId: PersonId) => ({ pk: `person#${personId}`, prefix: '' }),
  former: (personId: PersonId) => ({ pk: `person#${personId}`, prefix: formerPrefix }),
  offers: (recipient: string) => ({ pk: `to#${recipient}`, prefix: offerPrefix }),
};

export type Range = ReturnType<(typeof ownershipRanges)[keyof typeof ownershipRanges]>;

export function isChangeKey(sk: string): boolean {
  return sk.startsWith(historyPrefix);
}

export function vehicleOfFormer(sk: string): VehicleId {
  return vehicleIdValue.parse(sk.slice(formerPrefix.length));
}

const personIdValue = z.custom<PersonId>((value) => typeof value === 'string' && isPersonId(value));

const offerFields = { offerId: z.string(), recipient: z.string(), madeAt: z.number() };

const ownerItem = z.object({
  pk: vehicleIdValue,
  brand: brandValue,
  personId: z.exactOptional(personIdValue),
  // The index `byPerson` sorts by it, and sorts strings alone.
  since: z.exactOptional(z.string()),
  changeId: z.exactOptional(z.string()),
  offer: z.exactOptional(z.object({ ...offerFields, expiresAt: z.number() })),
  changedAt: z.number(),
  version: z.number(),
});

const changeItem = z.object({
  pk: vehicleIdValue,
  changeId: z.string(),
  brand: brandValue,
  reason: z.enum(['claimed', 'handed-on', 'given-up', 'erased']),
  from: z.exactOptional(personIdValue),
  to: z.exactOptional(personIdValue),
  at: z.number(),
  codeRevision: z.exactOptional(z.number()),
  offerId: z.exactOptional(z.string()),
  partyErased: z.exactOptional(z.literal(true)),
});

const receivedItem = z.object({
  ...offerFields,
  vehicleId: vehicleIdValue,
  // Not `expiresAt`: that is the table's TTL.
  validUntil: z.number(),
  acceptedBy: z.exactOptional(personIdValue),
});

const codeItem = z.object({
  pk: vehicleIdValue,
  hash: z.string(),
  salt: z.string(),
  revision: z.number(),
  requestId: z.string(),
  published: z.boolean(),
  validUntil: z.number(),
  triesLeft: z.number(),
  made: z.number(),
  windowEndsAt: z.number(),
});

export function ownershipOf(item: unknown): Ownership {
  const { pk: vehicleId, personId, since, changeId, ...rest } = ownerItem.parse(item);
  if (personId === undefined || since === undefined || changeId === undefined) return { vehicleId, ...rest };
  return { vehicleId, ...rest, owner: { personId, since: Date.parse(since), changeId } };
}

export function ownerItemOf({ vehicleId, owner, ...rest }: Ownership) {
  const columns = owner === undefined ? {} : { ...owner, since: new Date(owner.since).toISOString() };
  return { ...ownershipKeys.owner(vehicleId), ...rest, ...columns };
}

export function changeOf(item: unknown): OwnershipChange {
  const { pk: vehicleId, ...rest } = changeItem.parse(item);
  return { vehicleId, ...rest };
}

export function changeItemOf(change: OwnershipChange) {
  const { vehicleId: _, ...rest } = change;
  return { ...ownershipKeys.change(change), ...rest };
}

export function receivedOf(item: unknown): ReceivedOffer {
  const { validUntil, ...rest } = receivedItem.parse(item);
  return { ...rest, expiresAt: validUntil };
}

/** ms: clocks differ, and what is over by one of them may still be good by another. */
const keptOn = 3_600_000;

export function receivedItemOf(vehicleId: VehicleId, offer: Offer, acceptedBy?: PersonId) {
  const { expiresAt: validUntil, ...rest } = offer;
  const taken = acceptedBy === undefined ? {} : { acceptedBy };
  const keys = ownershipKeys.offer(offer.recipient, offer.offerId);
  return { ...keys, vehicleId, ...rest, ...taken, validUntil, expiresAt: ttl(validUntil + keptOn) };
}

export function codeOfItem(item: unknown): ClaimCode {
  const { pk: vehicleId, ...rest } = codeItem.parse(item);
  return { vehicleId, ...rest };
}

export function codeItemOf({ vehicleId, ...rest }: ClaimCode) {
  const kept = Math.max(rest.validUntil, rest.windowEndsAt);
  return { ...ownershipKeys.code(vehicleId), ...rest, expiresAt: ttl(kept) };
}
