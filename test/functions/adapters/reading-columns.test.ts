import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packLast, packReadings, unpackLast, unpackReadings } from '#functions/adapters/dynamo/reading-columns.ts';
import type { CheckedReading } from '#shared/telemetry/batch.ts';
import { checkValue, signals } from '#shared/telemetry/catalogue.ts';

const start = 1_700_000_000_000;
const decimal = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat({ max: 12 }))
  .map(([whole, places]) => whole / 10 ** places);
const value = fc.oneof(
  decimal,
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
  fc.boolean(),
  fc.string(),
);
const readings: fc.Arbitrary<CheckedReading[]> = fc.array(
  fc.record({
    path: fc.constantFrom('A', 'B', 'C'),
    time: fc.nat({ max: 3_600_000 }).map((offset) => start + offset),
    value,
  }),
  { minLength: 1, maxLength: 60 },
);

/** Columns keep the order within a signal. */
function bySignal(all: readonly CheckedReading[]): CheckedReading[] {
  return ['A', 'B', 'C'].flatMap((path) => all.filter((reading) => reading.path === path));
}

test('what was packed comes back exactly, to the last bit of each number', () => {
  fc.assert(
    fc.property(readings, (all) => {
      expect(bySignal(unpackReadings(start, packReadings(start, all)))).toEqual(bySignal(all));
    }),
    { numRuns: 500 },
  );
});

test('last known values come back exactly', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.record({ time: fc.nat(), sequence: fc.nat(), value })), (all) => {
      const known = new Map(Object.entries(all));
      expect(unpackLast(packLast(known))).toEqual(known);
    }),
  );
});

const recording = new URL('../../../../shared/data/recordings/truck-drive.csv', import.meta.url);

test.skipIf(!existsSync(recording))('a hundred readings of a real drive take one kilobyte at the most', () => {
  let time = start;
  const all = readFileSync(recording, 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line): CheckedReading[] => {
      const [, path = '', text = '', delay = ''] = line.split(',');
      time += Math.round(Number(delay) * 1000);
      return path === '' ? [] : [{ path, time, value: Number.isNaN(Number(text)) ? text : Number(text) }];
    });
  const sizes: number[] = [];
  for (let first = 0; first + 100 <= all.length; first += 100) {
    const message = all.slice(first, first + 100);
    sizes.push(packReadings(message[0]?.time ?? start, message).length);
  }
  expect(sizes.length).toBeGreaterThan(20);
  expect(Math.max(...sizes)).toBeLessThan(1024 - 100);
});

test('the last known values of all signals fit one item of 400 KB, whatever a vehicle says', () => {
  const anyCharacter = () => String.fromCharCode(0x4e00 + Math.floor(Math.random() * 20_000));
  const last = [...signals()].map((known, sequence) => {
    const words = Array.from({ length: 1000 }, anyCharacter).join('');
    const worst = [words, ...(known.allowed ?? []), Math.random() * 1e38, Math.random(), 255, 1, true];
    const value = worst.find((one) => checkValue(known, one) === undefined) ?? 0;
    return [known.path, { time: start + Math.floor(Math.random() * 1e9), sequence: 1e11 + sequence, value }] as const;
  });
  expect(packLast(new Map(last)).length).toBeLessThan(390 * 1024);
});
