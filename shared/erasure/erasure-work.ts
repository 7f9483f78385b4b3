import type { Instant } from '../kernel/clock.ts';
import {
  type Checkpoint,
  type ErasedCategory,
  type Erasure,
  type Intent,
  pauseOf,
  type ReportedSpan,
  type Tally,
} from './erasure.ts';

/** What is there to erase, as a step found it. */
export interface Found {
  /** Short texts by which the step erases it: they stand in the task meanwhile, so they name nobody. */
  readonly keys: readonly string[];
  /** Where one key stands for several things. */
  readonly count?: number;
  readonly next?: string;
  /** Times in which vehicles reported for the person. */
  readonly spans?: readonly ReportedSpan[];
}

/** One kind of data at one place. Both calls may be repeated, and nothing happens the second time. */
export interface ErasureStep {
  readonly category: ErasedCategory;
  readonly where: string;
  find(erasure: Erasure, after: string | undefined): Promise<Found>;
  erase(erasure: Erasure, keys: readonly string[]): Promise<void>;
}

/** What comes next. */
export type Task =
  | { readonly kind: 'find'; readonly step: number; readonly after?: string }
  | { readonly kind: 'erase'; readonly step: number; readonly keys: readonly string[] }
  | { readonly kind: 'wait'; readonly until: Instant }
  | { readonly kind: 'pause-anew' }
  | { readonly kind: 'begin-second-sweep' }
  | { readonly kind: 'prove' }
  | { readonly kind: 'nothing' };

export function taskOf({ state, subject }: Erasure, steps: number, now: Instant): Task {
  switch (state.status) {
    case 'done':
      return { kind: 'nothing' };
    case 'paused':
      if (now >= state.until) return { kind: 'begin-second-sweep' };
      // From a future that the clock was set back from. How much of it has passed nobody knows.
      return state.until - now > pauseOf(subject) ? { kind: 'pause-anew' } : { kind: 'wait', until: state.until };
    case 'running':
    case 'verifying': {
      const { step, after, doing } = state.checkpoint;
      if (step >= steps) return { kind: 'prove' };
      if (doing !== undefined) return { kind: 'erase', step, keys: doing.keys };
      return { kind: 'find', step, ...(after !== undefined && { after }) };
    }
  }
}

/** What was found is written down; where it was nothing, the step goes on or is over. */
export function withFound(
  erasure: Erasure,
  { keys, count, next, spans = [] }: Found,
  steps: number,
  now: Instant,
): Erasure {
  const known = new Set(erasure.spans.map(textOf));
  const all = [...erasure.spans, ...spans.filter((span) => !known.has(textOf(span)))];
  const seen = { ...erasure, spans: all };
  const more = next === undefined ? {} : { next };
  if (keys.length === 0) return passed(seen, more, steps, now);
  return at(seen, { ...checkpointOf(seen), doing: { keys, count: count ?? keys.length, ...more } });
}

/** What had been written down is gone. */
export function withErased(
  erasure: Erasure,
  step: Pick<ErasureStep, 'category' | 'where'>,
  steps: number,
  now: Instant,
): Erasure {
  const { doing } = checkpointOf(erasure);
  if (doing === undefined) return erasure;
  const late = erasure.state.status === 'verifying' ? doing.count : 0;
  return passed(counted(erasure, step, { count: doing.count, late, at: now }), doing, steps, now);
}

export function inSecondSweep(erasure: Erasure): Erasure {
  return changed(erasure, { state: { status: 'verifying', checkpoint: { step: 0 } } });
}

export function finished(erasure: Erasure): Erasure {
  const { recipient: _, ...rest } = erasure;
  // The times of ownership have served their purpose: nothing of the person stays in the task.
  return changed({ ...rest, spans: [] }, { state: { status: 'done' } });
}

export function stuck(erasure: Erasure, now: Instant): Erasure {
  return { ...erasure, stuckSince: now, version: erasure.version + 1 };
}

function passed(erasure: Erasure, { next }: Pick<Intent, 'next'>, steps: number, now: Instant): Erasure {
  const { step } = checkpointOf(erasure);
  if (next !== undefined) return at(erasure, { step, after: next });
  if (step + 1 < steps || erasure.state.status === 'verifying') return at(erasure, { step: step + 1 });
  return paused(erasure, now);
}

export function paused(erasure: Erasure, now: Instant): Erasure {
  return changed(erasure, { state: { status: 'paused', until: now + pauseOf(erasure.subject) } });
}

function at(erasure: Erasure, checkpoint: Checkpoint): Erasure {
  const { status } = erasure.state;
  if (status !== 'running' && status !== 'verifying') return erasure;
  return changed(erasure, { state: { status, checkpoint } });
}

/** Whatever moves on is not stuck any more. */
function changed({ stuckSince: _, ...erasure }: Erasure, change: Pick<Erasure, 'state'>): Erasure {
  return { ...erasure, ...change, version: erasure.version + 1 };
}

function checkpointOf({ state }: Erasure): Checkpoint {
  return state.status === 'running' || state.status === 'verifying' ? state.checkpoint : { step: 0 };
}

function counted(
  erasure: Erasure,
  { category, where }: Pick<ErasureStep, 'category' | 'where'>,
  more: Required<Pick<Tally, 'count' | 'late' | 'at'>>,
): Erasure {
  const isIt = (tally: Tally) => tally.category === category && tally.where === where;
  const known = erasure.tallies.find(isIt) ?? { category, where, count: 0, late: 0 };
  const tally = { ...known, count: known.count + more.count, late: known.late + more.late, at: more.at };
  return { ...erasure, tallies: [...erasure.tallies.filter((other) => !isIt(other)), tally] };
}

function textOf({ vehicleId, from, to }: ReportedSpan): string {
  return `${vehicleId} ${from} ${to}`;
}
