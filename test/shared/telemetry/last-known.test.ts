import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CheckedBatch } from '#shared/telemetry/batch.ts';
import { type LastReadings, withBatches } from '#shared/telemetry/last-known.ts';

const batches: fc.Arbitrary<CheckedBatch[]> = fc
  .array(
    fc.array(fc.record({ path: fc.constantFrom('A', 'B'), time: fc.nat({ max: 20 }), value: fc.nat({ max: 9 }) }), {
      maxLength: 5,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((messages) => messages.map((readings, sequence) => ({ sequence, start: 0, readings })));

const nothing: LastReadings = new Map();
const now = 20;

test('neither order nor repetition nor grouping of messages changes what is known last', () => {
  const cases = batches.chain((all) =>
    fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }).map((order) => ({ all, order })),
  );
  fc.assert(
    fc.property(cases, ({ all, order }) => {
      const atOnce = withBatches(nothing, all, now);
      const oneByOne = order.reduce((known, batch) => withBatches(known, [batch], now), nothing);
      expect(new Map([...oneByOne].sort())).toEqual(new Map([...atOnce].sort()));
      expect(withBatches(oneByOne, all, now)).toBe(oneByOne);
    }),
  );
});

test('of two readings at one instant the one in the later message is known last', () => {
  const reading = (sequence: number): CheckedBatch => ({
    sequence,
    start: 0,
    readings: [{ path: 'A', time: 5, value: sequence }],
  });
  expect(withBatches(nothing, [reading(2), reading(1)], now).get('A')).toEqual({ time: 5, sequence: 2, value: 2 });
});

test('a reading from a future that the clock was set back from gives way to the next one', () => {
  const reading = (sequence: number, time: number): CheckedBatch => ({
    ...{ sequence, start: time },
    readings: [{ path: 'A', time, value: sequence }],
  });
  const day = 24 * 3_600_000;
  const known = withBatches(nothing, [reading(1, day)], day);
  expect(withBatches(known, [reading(2, 5)], 5).get('A')).toEqual({ time: 5, sequence: 2, value: 2 });
  expect(withBatches(known, [reading(2, 5)], day)).toBe(known);
});
