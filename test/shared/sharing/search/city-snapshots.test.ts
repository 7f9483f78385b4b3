import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CitySnapshots, oldest, stale } from '#shared/sharing/search/city-snapshots.ts';
import { listingShards } from '#shared/sharing/search/listing.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { aListing, alexanderplatz, aSystem, planOf, systemIdOf } from './city.ts';

const berlin = systemIdOf('we-share-berlin');

/** Each listing says when it was read; each read is counted. */
function world() {
  const time = { now: 1_000_000 };
  const reads: string[] = [];
  const faults = new Set<string>();
  const note = async (what: string) => {
    reads.push(what);
    if (faults.has(what)) throw new Error(`${what} does not answer`);
  };
  const cities = new CitySnapshots({
    clock: { now: () => time.now },
    listings: {
      async shard(_: SystemId, shard: number) {
        await note(`shard ${shard}`);
        return [aListing(`v${shard}`, alexanderplatz, { status: { at: time.now } })];
      },
    },
    setup: {
      async system(systemId) {
        await note('system');
        return systemId === systemIdOf('nowhere') ? undefined : aSystem(systemId, { version: time.now });
      },
      async zones(systemId) {
        await note('zones');
        return { systemId, version: time.now, zones: [], globalRules: [] };
      },
      async plan(_, planId) {
        await note(`plan ${planId}`);
        return { ...planOf(planId, 1), version: time.now };
      },
    },
  });
  const agesOf = async () => {
    reads.length = 0;
    const city = await cities.city(berlin);
    const read = [...(city?.listings ?? [])].map(({ status }) => status?.at ?? 0);
    expect(read).toHaveLength(listingShards);
    return [
      ...read,
      city?.system.version ?? 0,
      city?.zones?.version ?? 0,
      ...[...(city?.plans.values() ?? [])].map(({ version }) => version),
    ].map((at) => time.now - at);
  };
  return { cities, time, reads, faults, agesOf };
}

test('a cold city is read at once, whole, and by several who ask at the same time only once', async () => {
  const { cities, reads } = world();
  const [one, other] = await Promise.all([cities.city(berlin), cities.city(berlin)]);
  expect(one).toEqual(other);
  expect(new Set(reads.filter((what) => what.startsWith('shard')))).toEqual(
    new Set(Array.from({ length: listingShards }, (_, shard) => `shard ${shard}`)),
  );
  expect(reads).toHaveLength(listingShards + 4);
});

test('whatever the rhythm of searches, nothing older than 30 s is shown, and a search reads one stale piece at most', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: -5_000, max: 60_000 })), {
        maxLength: 60,
      }),
      async (pauses) => {
        const { time, reads, agesOf } = world();
        let before: readonly number[] = await agesOf();
        for (const pause of pauses) {
          time.now += pause;
          const ages = await agesOf();
          expect(Math.max(...ages)).toBeLessThanOrEqual(oldest);
          const grown = before.map((age) => age + pause);
          // Shards and system take turns, and so do plans.
          if (grown.every((age) => age <= oldest && age >= 0)) expect(reads.length).toBeLessThanOrEqual(2);
          if (grown.every((age) => age <= stale && age >= 0)) expect(reads).toEqual([]);
          before = ages;
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('where one searches every second, nothing shown is older than the round through all pieces takes', async () => {
  const { time, agesOf } = world();
  await agesOf();
  for (let second = 0; second < 60; second += 1) {
    time.now += 1000;
    expect(Math.max(...(await agesOf()))).toBeLessThanOrEqual(stale + (listingShards + 1) * 1000);
  }
});

test('a table that does not answer makes answers older, until they would be too old', async () => {
  const { cities, time, faults, agesOf } = world();
  await agesOf();
  for (let shard = 0; shard < listingShards; shard += 1) faults.add(`shard ${shard}`);
  for (const what of ['system', 'plan standard', 'plan cheap']) faults.add(what);
  time.now += stale + 1;
  expect(Math.max(...(await agesOf()))).toBe(stale + 1);
  time.now += oldest;
  await expect(cities.city(berlin)).rejects.toThrow('does not answer');
  faults.clear();
  expect(Math.max(...(await agesOf()))).toBe(0);
});

test('cities that there are not, and cities beyond those kept, cost others nothing', async () => {
  const { cities, reads } = world();
  await cities.city(berlin);
  expect(await cities.city(systemIdOf('nowhere'))).toBeUndefined();
  for (let other = 0; other < 23; other += 1) await cities.city(systemIdOf(`city-${other}`));
  reads.length = 0;
  await cities.city(berlin);
  expect(reads).toEqual([]);
  await cities.city(systemIdOf('one-more'));
  await cities.city(systemIdOf('city-0'));
  expect(reads.length).toBeGreaterThan(listingShards);
});
