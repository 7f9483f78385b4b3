import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod/mini';
import type { CheckedReading } from '#shared/telemetry/batch.ts';
import type { LastReadings } from '#shared/telemetry/last-known.ts';

// DynamoDB bills a write by the kilobyte. By column, as differences, and deflated, a full 5 KB message of real
// drives (some 280 readings) takes 0.9 to 1.3 KB, one of 100 readings 0.4 to 0.8 KB: docs/decisions/telemetry-path.md.

const value = z.union([z.number(), z.boolean(), z.string()]);

/** `[path, offsets as differences, decimals, values]`; with decimals the values are differences of whole numbers. */
const columnSchema = z.tuple([z.string(), z.array(z.number()), z.int(), z.array(value)]);
type Column = z.infer<typeof columnSchema>;

/** The values stand as they are. */
const plain = -1;

export function packReadings(start: number, readings: readonly CheckedReading[]): Uint8Array {
  const paths = new Map<string, CheckedReading[]>();
  for (const reading of readings) {
    const column = paths.get(reading.path);
    if (column === undefined) paths.set(reading.path, [reading]);
    else column.push(reading);
  }
  return pack([...paths].map(([path, entries]) => columnOf(path, start, entries)));
}

export function unpackReadings(start: number, bytes: Uint8Array): CheckedReading[] {
  return z
    .array(columnSchema)
    .parse(unpack(bytes))
    .flatMap((column) => readingsOf(column, start));
}

/** Paths, then times and sequences as differences, then values. */
const lastSchema = z.tuple([z.array(z.string()), z.array(z.number()), z.array(z.number()), z.array(value)]);

export function packLast(readings: LastReadings): Uint8Array {
  const last = [...readings.values()];
  const times = differences(last.map((reading) => reading.time));
  const sequences = differences(last.map((reading) => reading.sequence));
  return pack([[...readings.keys()], times, sequences, last.map((reading) => reading.value)]);
}

export function unpackLast(bytes: Uint8Array): LastReadings {
  const [paths, timeDifferences, sequenceDifferences, values] = lastSchema.parse(unpack(bytes));
  const times = sums(timeDifferences);
  const sequences = sums(sequenceDifferences);
  const entries = values.map((last, index) => {
    const reading = { time: times[index] ?? 0, sequence: sequences[index] ?? 0, value: last };
    return [paths[index] ?? '', reading] as const;
  });
  return new Map(entries);
}

function columnOf(path: string, start: number, entries: readonly CheckedReading[]): Column {
  const offsets = differences(entries.map(({ time }) => time - start));
  const values = entries.map((entry) => entry.value);
  const numbers = values.filter((entry) => typeof entry === 'number');
  const decimals = numbers.length === values.length ? decimalsOf(numbers) : plain;
  if (decimals === plain) return [path, offsets, plain, values];
  return [path, offsets, decimals, differences(numbers.map((entry) => Math.round(entry * 10 ** decimals)))];
}

function readingsOf([path, differencesOfTime, decimals, values]: Column, start: number): CheckedReading[] {
  const offsets = sums(differencesOfTime);
  const numbers = values.filter((entry) => typeof entry === 'number');
  const restored = decimals === plain ? values : sums(numbers).map((sum) => sum / 10 ** decimals);
  return restored.map((entry, index) => ({ path, time: start + (offsets[index] ?? 0), value: entry }));
}

/** How many decimals make all numbers whole, so that dividing gives back exactly what was there. */
function decimalsOf(numbers: readonly number[]): number {
  for (let decimals = 0; decimals <= 9; decimals++) {
    const factor = 10 ** decimals;
    const exact = numbers.every((number) => {
      const whole = Math.round(number * factor);
      // Differences of such numbers, and their sums, stay whole; -0 would come back as 0.
      return Math.abs(whole) < 2 ** 51 && Object.is(whole / factor, number);
    });
    if (exact) return decimals;
  }
  return plain;
}

function differences(numbers: readonly number[]): number[] {
  return numbers.map((number, index) => number - (index === 0 ? 0 : (numbers[index - 1] ?? 0)));
}

function sums(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((number) => {
    sum += number;
    return sum;
  });
}

function pack(value: unknown): Uint8Array {
  return deflateRawSync(JSON.stringify(value), { level: 9 });
}

function unpack(bytes: Uint8Array): unknown {
  return JSON.parse(inflateRawSync(bytes).toString('utf8'));
}
