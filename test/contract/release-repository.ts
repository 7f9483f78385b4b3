import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { mayFollow } from '#shared/ota/releases/hardware.ts';
import { draftedRelease, type Release, uploaded } from '#shared/ota/releases/release.ts';
import type { HardwareRepository, ReleaseRepository } from '#shared/ota/releases/release-repository.ts';
import { anImage, aReleaseOf } from '../support/sample-release.ts';
import { aBrand, anOperationId } from './samples.ts';

function aRelease(startedAt = 1_700_000_000_000, brand = aBrand()): Release {
  const image = anImage('gateway', 'x', { requires: [{ ecuId: 'body', releaseCounter: 1 }], deltas: [] });
  return draftedRelease(aReleaseOf([image]), brand, 'author', { operationId: anOperationId(), startedAt });
}

export function releaseRepositoryContract(make: () => Promise<ReleaseRepository>): void {
  let releases: ReleaseRepository;
  beforeAll(async () => {
    releases = await make();
  });

  test('a release is added once and comes back as it was', async () => {
    const release = aRelease();
    expect(await releases.add(release)).toBe(true);
    expect(await releases.add({ ...release, author: 'somebody else' })).toBe(false);
    expect(await releases.load(release.releaseId)).toEqual(release);
  });

  test('of two that saw the same release one changes it, and the list says the same', async () => {
    const release = aRelease(1_800_000_000_000);
    await releases.add(release);
    const next = uploaded(release, 'author', 5);
    const saves = await Promise.all([releases.save(next, release.version), releases.save(next, release.version)]);
    expect(saves.filter(Boolean)).toHaveLength(1);
    expect(await releases.load(release.releaseId)).toEqual(next);
    const { items } = await releases.list([aBrand()], { limit: 1 });
    expect(items).toMatchObject([{ releaseId: release.releaseId, status: 'uploaded' }]);
  });

  test('the releases of some brands come page by page, the newest first', async () => {
    const brand = aBrand('audi');
    const made = [1, 2, 3].map((second) => aRelease(1_700_000_000_000 + second * 1000, brand));
    for (const release of made) await releases.add(release);
    const seen: string[] = [];
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const page = await releases.list([brand], { limit: 2, ...(from !== undefined && { from }) });
      seen.push(...page.items.map(({ releaseId }) => releaseId));
      from = page.next;
    }
    expect(seen).toEqual(made.map(({ releaseId }) => releaseId).reverse());
    expect(await releases.list([], { limit: 2 })).toEqual({ items: [] });
    await expect(releases.list([brand], { limit: 2, from: 'x' })).rejects.toMatchObject({ kind: 'invalid' });
  });
}

export function hardwareRepositoryContract(make: () => Promise<HardwareRepository>): void {
  let hardware: HardwareRepository;
  beforeAll(async () => {
    hardware = await make();
  });
  const one = (hardwareId: string, brand = aBrand()) => ({ brand, hardwareId, ecuId: 'gateway', slotBytes: 10 });

  test('hardware is added once, and found in any number', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `many-${index}`);
    for (const id of ids) await hardware.add(one(id));
    expect(await hardware.add(one('many-0'))).toBe(false);
    expect((await hardware.loadMany(aBrand(), [...ids, 'unheard-of'])).size).toBe(120);
    expect((await hardware.loadMany(aBrand('audi'), ids)).size).toBe(0);
    expect(await hardware.load(aBrand(), 'many-7')).toEqual(one('many-7'));
  });

  test('hardware is listed page by page', async () => {
    const brand = aBrand('audi');
    for (const id of ['c', 'a', 'b']) await hardware.add(one(id, brand));
    const first = await hardware.list(brand, { limit: 2 });
    const second = await hardware.list(brand, { limit: 2, ...(first.next !== undefined && { from: first.next }) });
    expect([...first.items, ...second.items].map(({ hardwareId }) => hardwareId)).toEqual(['a', 'b', 'c']);
  });

  test('release counters rise and never fall, just as the domain says, in whatever order releases come', async () => {
    const images = fc.array(
      fc.record({ releaseCounter: fc.integer({ min: 1, max: 4 }), sha256: fc.constantFrom('a', 'b') }),
    );
    await fc.assert(
      fc.asyncProperty(images, async (some) => {
        const hardwareId = anOperationId();
        let known = { ...one(hardwareId) };
        await hardware.add(known);
        for (const newest of some) {
          const expected = mayFollow(known, newest);
          expect(await hardware.raise(aBrand(), hardwareId, newest)).toBe(expected);
          if (expected) known = { ...known, ...{ newest } };
          expect(await hardware.load(aBrand(), hardwareId)).toEqual(known);
        }
      }),
      { numRuns: 15 },
    );
    expect(await hardware.raise(aBrand(), 'unheard-of', { releaseCounter: 1, sha256: 'a' })).toBe(false);
  });
}
