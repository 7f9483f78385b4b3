import type { Instant } from '../kernel/clock.ts';
import type { SignalValue } from '../vehicle-cloud/envelopes.ts';
import type { CheckedBatch } from './batch.ts';

/** Readings of one signal in [start, start + resolution). Numbers have all figures, other values count and last. */
export interface Bucket {
  readonly start: Instant;
  readonly count: number;
  readonly last: SignalValue;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
}

/** The place of a reading in the history of a vehicle: unique for a signal. */
export interface Place {
  readonly time: Instant;
  readonly sequence: number;
}

export interface PlacedReading extends Place {
  readonly value: SignalValue;
}

export function byPlace(one: Place, other: Place): number {
  return one.time - other.time || one.sequence - other.sequence;
}

/**
 * Puts the readings of one signal into the order of time, although messages overlap: a message holds
 * readings up to an hour after its start, so that everything up to the start of the latest message is
 * complete, and nothing after it.
 */
export class ReadingQueue {
  readonly #path: string;
  #waiting: PlacedReading[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Messages have to come in the order of their starts. */
  add({ sequence, readings }: CheckedBatch): void {
    // Of two readings at one instant in one message the first counts, as it does among the last known values.
    const own = new Map<Instant, PlacedReading>();
    for (const { path, time, value } of readings) {
      if (path === this.#path && !own.has(time)) own.set(time, { time, sequence, value });
    }
    if (own.size > 0) this.#waiting = [...this.#waiting, ...own.values()].sort(byPlace);
  }

  /** Takes out what lies before `time`. */
  takeBefore(time: Instant): readonly PlacedReading[] {
    const end = this.#waiting.findIndex((reading) => reading.time >= time);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }
}

export function bucketStart(time: Instant, resolution: number): Instant {
  return Math.floor(time / resolution) * resolution;
}

/** @param readings in the order of time, all of the same bucket, at least one */
export function bucketOf(start: Instant, readings: readonly [PlacedReading, ...PlacedReading[]]): Bucket {
  const last = readings.at(-1) ?? readings[0];
  const numbers = readings.map((reading) => reading.value).filter((value) => typeof value === 'number');
  const bucket = { start, count: readings.length, last: last.value };
  if (numbers.length !== readings.length) return bucket;
  // A day of ten readings a second is more than a call takes arguments.
  const extremes = {
    min: numbers.reduce((one, other) => Math.min(one, other), Infinity),
    max: numbers.reduce((one, other) => Math.max(one, other), -Infinity),
  };
  // Halves of a sum of doubles can overflow where the mean of the parts cannot.
  const mean = numbers.reduce((sum, value) => sum + value / numbers.length, 0);
  return { ...bucket, ...extremes, mean: Math.min(Math.max(mean, extremes.min), extremes.max) };
}
