import { expect, test } from 'vitest';
import type { CarSeen, History } from '../../../support/bookings/history.ts';
import { judge } from '../../../support/bookings/judge.ts';
import { seeded } from '../../../support/bookings/seeded.ts';
import { TableBookings } from '../../../support/bookings/table-bookings.ts';
import { crowdOn } from '../../../support/bookings/table-crowd.ts';

const crowd = { clients: 60, cars: 3, operations: 1_200, lost: 0 } as const;

test('reading and then writing lets several have one car, and the answers alone show it', async () => {
  const history = await crowdOn(new TableBookings('careless'), { ...crowd, sees: 'answers' }, seeded(1));
  expect(judge(history).map(({ rule }) => rule)).toContain('two-holders');
});

test('reading and then writing writes one version twice, and loses confirmed holds', async () => {
  const history = await crowdOn(new TableBookings('careless'), { ...crowd, sees: 'everything' }, seeded(2));
  const rules = judge(history).map(({ rule }) => rule);
  expect(rules).toEqual(expect.arrayContaining(['two-holders', 'version-twice', 'hold-lost']));
});

test.each(['answers', 'everything'] as const)('writing on condition passes, seen by its %s', async (sees) => {
  const history = await crowdOn(new TableBookings('careful'), { ...crowd, sees }, seeded(3));
  expect(judge(history)).toEqual([]);
});

test('whatever is altered of what was seen is found', async () => {
  const few = { clients: 6, cars: 2, operations: 150, lost: 0, sees: 'everything' } as const;
  const history = await crowdOn(new TableBookings('careful'), few, seeded(5));
  const random = seeded(6);
  for (const alter of alterations) {
    for (let round = 0; round < 5; round += 1) {
      const altered = withOneAltered(history, alter, random);
      expect(judge(altered)).not.toEqual([]);
    }
  }
});

test('twenty thousand operations on eight cars, some with lost answers, are judged within seconds', async () => {
  const many = { clients: 60, cars: 8, operations: 20_000, lost: 0.05, sees: 'everything' } as const;
  const history = await crowdOn(new TableBookings('careful'), many, seeded(4));
  const begun = performance.now();
  expect(judge(history)).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

const alterations: readonly ((seen: CarSeen) => CarSeen)[] = [
  (seen) => ({ ...seen, version: (seen.version ?? 0) + 1 }),
  (seen) => ({ ...seen, version: (seen.version ?? 0) - 1 }),
  (seen) => ({ ...seen, fence: (seen.fence ?? 0) + 1 }),
  (seen) => ({ ...seen, fence: (seen.fence ?? 0) - 1 }),
  (seen) => ({ ...seen, reservation: seen.reservation === null ? 'r-altered' : null }),
  (seen) => ({ ...seen, state: 'on_trip' }),
  (seen) => ({ ...seen, car: 'car-altered' }),
];

/** Not the first or the last of its car: nothing is known of what was before and after. */
function withOneAltered(history: History, alter: (seen: CarSeen) => CarSeen, random: () => number): History {
  const places = history.operations.flatMap(({ seen = [] }, place) => (seen.length > 0 ? [place] : []));
  const chosen = places[10 + Math.floor(random() * (places.length - 20))];
  const operations = history.operations.map((one, place) => {
    if (place !== chosen) return one;
    return { ...one, seen: (one.seen ?? []).map((seen) => (seen.of === 'car' ? alter(seen) : seen)) };
  });
  return { ...history, operations };
}
