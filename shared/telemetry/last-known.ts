import type { Instant } from '../kernel/clock.ts';
import type { SignalValue } from '../vehicle-cloud/envelopes.ts';
import { type CheckedBatch, clockAhead } from './batch.ts';

/** The newest reading of a signal; of two at one instant the one in the later message counts. */
export interface LastReading {
  readonly time: Instant;
  readonly sequence: number;
  readonly value: SignalValue;
}

export type LastReadings = ReadonlyMap<string, LastReading>;

/**
 * The newest readings after some more messages; the very same object when none of them says anything newer.
 * Neither order nor repetition of messages matters. What is known from a future that the clock was set back from gives
 * way: else nothing would be newer until that future comes.
 */
export function withBatches(known: LastReadings, batches: readonly CheckedBatch[], now: Instant): LastReadings {
  const merged = new Map(known);
  let changed = false;
  for (const { sequence, readings } of batches) {
    for (const { path, time, value } of readings) {
      const present = merged.get(path);
      const stays = present !== undefined && present.time <= now + clockAhead && !isNewer({ time, sequence }, present);
      if (stays) continue;
      merged.set(path, { time, sequence, value });
      changed = true;
    }
  }
  return changed ? merged : known;
}

function isNewer(one: Omit<LastReading, 'value'>, other: LastReading): boolean {
  return one.time > other.time || (one.time === other.time && one.sequence > other.sequence);
}
