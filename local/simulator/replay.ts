import { InvalidReading, type Telemetry } from '#device-sdk/telemetry.ts';
import { type RecordedChange, recordedValue } from './recording.ts';

export interface ReplayOptions {
  /** 2 is twice as fast as recorded; default 1. */
  readonly speed?: number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Told once a signal, with the first line that it stood in. */
  readonly skipped: (change: RecordedChange, reason: string) => void;
}

/** Pauses shorter than this (ms) are saved up: a timer for each of a hundred changes a second is a storm. */
const shortest = 20;

/**
 * Plays a recording through a vehicle's telemetry, at the recorded pace. A signal that VSS 6 does not know
 * and a value out of its bounds are skipped, and the rest of the drive goes on.
 */
export async function replay(
  changes: AsyncIterable<RecordedChange>,
  telemetry: Pick<Telemetry, 'record'>,
  { speed = 1, now, pause, skipped }: ReplayOptions,
): Promise<{ readings: number; skipped: number }> {
  const complained = new Set<string>();
  const count = { readings: 0, skipped: 0 };
  const began = now();
  let position = 0;
  for await (const change of changes) {
    position += (change.delay * 1000) / speed;
    const at = began + position;
    if (at - now() >= shortest) await pause(at - now());
    try {
      telemetry.record(change.path, recordedValue(change.path, change.value), { at });
      count.readings += 1;
    } catch (error) {
      if (!(error instanceof InvalidReading)) throw error;
      count.skipped += 1;
      if (!complained.has(change.path)) skipped(change, error.reason);
      complained.add(change.path);
    }
  }
  return count;
}
