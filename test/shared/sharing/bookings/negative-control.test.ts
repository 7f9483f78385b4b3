import { expect, test } from 'vitest';
import { judge } from '../../../support/bookings/judge.ts';
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

test('twenty thousand operations on eight cars, some with lost answers, are judged within seconds', async () => {
  const many = { clients: 60, cars: 8, operations: 20_000, lost: 0.05, sees: 'everything' } as const;
  const history = await crowdOn(new TableBookings('careful'), many, seeded(4));
  const begun = performance.now();
  expect(judge(history)).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
