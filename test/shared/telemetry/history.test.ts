import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CheckedBatch } from '#shared/telemetry/batch.ts';
import { bucketOf, byPlace, type PlacedReading, ReadingQueue } from '#shared/telemetry/history.ts';

const batches = fc
  .array(fc.record({ start: fc.nat({ max: 50 }), offsets: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 5 }) }), {
    maxLength: 12,
  })
  .map((messages) => messages.sort((one, other) => one.start - other.start))
  .map((messages) =>
    messages.map(({ start, offsets }, sequence): CheckedBatch => {
      const readings = offsets.map((offset) => ({ path: 'A', time: start + offset, value: sequence }));
      return { sequence, start, readings: [...readings, { path: 'B', time: start, value: 0 }] };
    }),
  );

test('readings come out in the order of time, each once, as soon as nothing earlier can follow', () => {
  fc.assert(
    fc.property(batches, (messages) => {
      const queue = new ReadingQueue('A');
      const out: PlacedReading[] = [];
      for (const batch of messages) {
        out.push(...queue.takeBefore(batch.start));
        queue.add(batch);
      }
      out.push(...queue.takeBefore(Number.POSITIVE_INFINITY));
      expect(out).toEqual([...out].sort(byPlace));
      expect(out).toHaveLength(messages.reduce((sum, { readings }) => sum + readings.length - 1, 0));
    }),
  );
});

test('the mean of a bucket lies between its extremes, whatever the numbers', () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, (numbers) => {
      const [first = { time: 0, sequence: 0, value: 0 }, ...others] = numbers.map((value, sequence) => ({
        time: 0,
        sequence,
        value,
      }));
      const { min = Number.NaN, max = Number.NaN, mean = Number.NaN, count } = bucketOf(0, [first, ...others]);
      expect(count).toBe(numbers.length);
      expect(mean >= min && mean <= max).toBe(true);
    }),
  );
});

test('a bucket of words counts them and knows the last', () => {
  const at = (value: string) => ({ time: 0, sequence: 0, value });
  expect(bucketOf(0, [at('REST'), at('DRIVING')])).toEqual({ start: 0, count: 2, last: 'DRIVING' });
});
