import { join } from 'node:path';
import type { Clock } from '#shared/kernel/clock.ts';
import { TraceJournal } from './journal.ts';
import { Traces } from './traces.ts';

/** Hops in memory: enough for the last messages of some vehicles, or, where somebody wants to look, of a fleet. */
const usualLimit = 4_000;
const wideLimit = 20_000;

export interface OpenTraces {
  /** The state directory. */
  readonly directory: string;
  /** Whether hops are written down. What a former process wrote down is read either way. */
  readonly journals: boolean;
  readonly clock: Clock;
}

export function openTraces({ directory, journals, clock }: OpenTraces): Traces {
  const journal = new TraceJournal({ file: join(directory, 'traces.jsonl'), writes: journals });
  return new Traces({ clock, limit: journals ? wideLimit : usualLimit, journal });
}
