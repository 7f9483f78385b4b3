import { beforeAll, expect, test } from 'vitest';
import type { PersonId } from '#shared/access/person.ts';
import { asked, type ClaimCode } from '#shared/ownership/claim-code.ts';
import {
  accepted,
  claimed,
  ended,
  type Ownership,
  offered,
  type Step,
  withoutOffer,
} from '#shared/ownership/ownership.ts';
import type {
  ClaimCodeRepository,
  ClaimTries,
  OwnershipErasure,
  OwnershipRepository,
} from '#shared/ownership/ownership-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aBrand, anOperationId, aPersonId, aVehicleId } from './samples.ts';

export interface OwnershipRepositories {
  readonly ownerships: OwnershipRepository;
  readonly codes: ClaimCodeRepository;
  readonly tries: ClaimTries;
  readonly erasure: OwnershipErasure;
}

const now = 1_800_000_000_000;
const first = { limit: 10 };

export function aClaimCode(vehicleId: VehicleId, at = now): ClaimCode {
  const decision = asked(undefined, { vehicleId, requestId: anOperationId() }, at);
  if (decision.kind !== 'make') throw new Error(decision.kind);
  return { ...decision.next, hash: 'hash', salt: 'salt' };
}

export function ownershipRepositoryContract(make: () => Promise<OwnershipRepositories>): void {
  let repositories: OwnershipRepositories;
  beforeAll(async () => {
    repositories = await make();
  });

  async function saved(step: Step | undefined): Promise<Ownership> {
    if (step === undefined || !(await repositories.ownerships.save(step))) throw new Error('not saved');
    return step.next;
  }

  async function aCode(vehicleId: VehicleId): Promise<number> {
    const code = aClaimCode(vehicleId);
    expect(await repositories.codes.replace(code, undefined)).toBe(true);
    return code.revision;
  }

  async function aClaim(personId: PersonId, vehicleId = aVehicleId(), at = now): Promise<Step> {
    const facts = { vehicleId, brand: aBrand(), personId, changeId: anOperationId() };
    const step = claimed(undefined, { ...facts, codeRevision: await aCode(vehicleId) }, at);
    if (step === undefined) throw new Error('theirs already');
    return step;
  }

  test('an ownership is loaded as it was saved, and its code is used up with it', async () => {
    const { ownerships, codes } = repositories;
    const step = await aClaim(aPersonId());
    const { vehicleId } = step.next;
    await saved(step);
    expect(await ownerships.load(vehicleId)).toEqual(step.next);
    expect((await ownerships.history(vehicleId, first)).items).toEqual([step.change]);
    expect(await codes.load(vehicleId)).toBeUndefined();
  });

  test('of two that saw the same, one is saved, and the other changes nothing', async () => {
    const { ownerships } = repositories;
    const owned = await saved(await aClaim(aPersonId()));
    const owner = owned.owner?.personId ?? aPersonId();
    const givenUp = ended(owned, { personId: owner, changeId: anOperationId(), reason: 'given-up' }, now + 5);
    const offer = offered(owned, { offerId: anOperationId(), recipient: anOperationId() }, now + 5);
    const released = await saved(givenUp);
    if (offer === undefined) throw new Error('offered before');
    expect(await ownerships.save(offer)).toBe(false);
    expect(await ownerships.load(owned.vehicleId)).toEqual(released);
    expect((await ownerships.offersTo(offer.next.offer?.recipient ?? '', first)).items).toEqual([]);
  });

  test('a claim with a code that is another by now changes nothing', async () => {
    const { ownerships, codes } = repositories;
    const step = await aClaim(aPersonId());
    const { vehicleId } = step.next;
    const seen = await codes.load(vehicleId);
    if (seen === undefined) throw new Error('no code');
    expect(await codes.replace({ ...seen, revision: seen.revision + 1 }, seen)).toBe(true);
    expect(await ownerships.save(step)).toBe(false);
    expect(await ownerships.load(vehicleId)).toBeUndefined();
    expect((await ownerships.history(vehicleId, first)).items).toEqual([]);
  });

  test('a person finds what they own, page by page, and nothing that they gave away', async () => {
    const { ownerships } = repositories;
    const personId = aPersonId();
    const steps = [await aClaim(personId), await aClaim(personId), await aClaim(personId)];
    const [one, two, three] = [await saved(steps[0]), await saved(steps[1]), await saved(steps[2])];
    if (one === undefined || two === undefined || three === undefined) throw new Error('three were claimed');
    await saved(ended(two, { personId, changeId: anOperationId(), reason: 'given-up' }, now + 1));
    const start = await ownerships.ownedBy(personId, { limit: 1 });
    const rest = await ownerships.ownedBy(personId, { limit: 5, from: start.next ?? '' });
    const found = [...start.items, ...rest.items].map(({ vehicleId }) => vehicleId);
    expect(found.sort()).toEqual([one.vehicleId, three.vehicleId].sort());
    expect(await ownerships.ownedBy(aPersonId(), first)).toEqual({ items: [] });
    await expect(ownerships.ownedBy(personId, { limit: 1, from: '{}' })).rejects.toThrow('cursor');
  });

  test('an offer is found by its recipient until it is withdrawn, and remembered once it is accepted', async () => {
    const { ownerships } = repositories;
    const recipient = anOperationId();
    const offerId = anOperationId();
    const owned = await saved(await aClaim(aPersonId()));
    const open = await saved(offered(owned, { offerId, recipient }, now));
    const copy = { ...open.offer, vehicleId: owned.vehicleId };
    expect(await ownerships.offer(recipient, offerId)).toEqual(copy);
    expect((await ownerships.offersTo(recipient, first)).items).toEqual([copy]);
    const withdrawn = await saved(withoutOffer(open));
    expect(await ownerships.offer(recipient, offerId)).toBeUndefined();
    const again = await saved(offered(withdrawn, { offerId: `${offerId}2`, recipient }, now));
    const personId = aPersonId();
    await saved(accepted(again, { offerId: `${offerId}2`, personId, changeId: anOperationId() }, now + 9));
    expect(await ownerships.offer(recipient, `${offerId}2`)).toMatchObject({ acceptedBy: personId });
  });

  test('the history comes newest first, page by page', async () => {
    const { ownerships } = repositories;
    const personId = aPersonId();
    const owned = await saved(await aClaim(personId));
    await saved(ended(owned, { personId, changeId: anOperationId(), reason: 'given-up' }, now - 5_000));
    const newest = await ownerships.history(owned.vehicleId, { limit: 1 });
    expect(newest.items.map(({ reason }) => reason)).toEqual(['given-up']);
    const oldest = await ownerships.history(owned.vehicleId, { limit: 5, from: newest.next ?? '' });
    expect(oldest.items.map(({ reason }) => reason)).toEqual(['claimed']);
  });

  test('a code has five tries, however many come at once, and none when it is over', async () => {
    const { codes } = repositories;
    const code = aClaimCode(aVehicleId());
    await codes.replace(code, undefined);
    const taken = await Promise.all(Array.from({ length: 12 }, () => codes.takeTry(code, now)));
    expect(taken.filter(Boolean)).toHaveLength(5);
    const other = aClaimCode(aVehicleId());
    await codes.replace(other, undefined);
    expect(await codes.takeTry(other, other.validUntil)).toBe(false);
    expect(await codes.takeTry({ ...other, revision: other.revision - 1 }, now)).toBe(false);
  });

  test('of two codes made at once, one replaces the former', async () => {
    const { codes } = repositories;
    const code = aClaimCode(aVehicleId());
    const other = { ...code, salt: 'pepper' };
    const [first, second] = await Promise.all([codes.replace(code, undefined), codes.replace(other, undefined)]);
    expect([first, second].filter(Boolean)).toHaveLength(1);
    await codes.markPublished(code);
    expect(await codes.load(code.vehicleId)).toEqual({ ...(first ? code : other), published: true });
  });

  test('a person’s tries are counted for each subject, and begin anew when their time is over', async () => {
    const { tries } = repositories;
    const personId = aPersonId();
    const limit = { most: 3, window: 1_000 };
    const taken = await Promise.all(Array.from({ length: 8 }, () => tries.take(personId, 'one', limit, now)));
    expect(taken.filter((at) => at === undefined)).toHaveLength(3);
    expect(taken.filter((at) => at === now + 1_000)).toHaveLength(5);
    expect(await tries.take(personId, 'other', limit, now)).toBeUndefined();
    expect(await tries.take(aPersonId(), 'one', limit, now)).toBeUndefined();
    expect(await tries.take(personId, 'one', limit, now + 1_000)).toBeUndefined();
    for (let tried = 0; tried < 3; tried++) await tries.take(personId, 'later', limit, now + 5_000);
    // The clock was set back: nobody is locked out by a window from the future.
    expect(await tries.take(personId, 'later', limit, now)).toBeUndefined();
  });

  test('an erased person stands in no history, list or offer, and what happened still does', async () => {
    const { ownerships, erasure, tries } = repositories;
    const personId = aPersonId();
    const owned = await saved(await aClaim(personId));
    const { vehicleId } = owned;
    await saved(ended(owned, { personId, changeId: anOperationId(), reason: 'erased' }, now + 1));
    await tries.take(personId, 'one', { most: 3, window: 1_000 }, now);
    expect(await erasure.vehiclesOf(personId)).toEqual([vehicleId]);
    expect(await erasure.forgetInHistory(vehicleId, personId)).toBe(2);
    expect(await erasure.forgetInHistory(vehicleId, personId)).toBe(0);
    expect(await erasure.forgetPerson(personId, undefined)).toBe(2);
    expect(await erasure.vehiclesOf(personId)).toEqual([]);
    const { items } = await ownerships.history(vehicleId, first);
    expect(items.map(({ reason, partyErased }) => [reason, partyErased])).toEqual([
      ['erased', true],
      ['claimed', true],
    ]);
    expect(JSON.stringify(items)).not.toContain(personId);
  });

  test('nothing is left of an erased vehicle, and the next one under its id begins anew', async () => {
    const { ownerships, erasure } = repositories;
    const personId = aPersonId();
    const { vehicleId } = await saved(await aClaim(personId));
    await aCode(vehicleId);
    expect(await erasure.forgetVehicle(vehicleId)).toBe(3);
    expect(await erasure.forgetVehicle(vehicleId)).toBe(0);
    expect(await ownerships.load(vehicleId)).toBeUndefined();
    expect((await ownerships.history(vehicleId, first)).items).toEqual([]);
    expect(await erasure.vehiclesOf(personId)).toEqual([]);
  });
}
