import type { FailureClass } from '../updates/update.ts';

/** Stops a campaign by itself. */
export interface AbortCriterion {
  /** Of the vehicles that are through, installed or failed. */
  readonly percent: number;
  /** Vehicles that have to be through before anything is concluded from them. */
  readonly minimumSample: number;
  /** Which failures count; all where none is named. Silence counts as `timed-out`. */
  readonly errors?: readonly FailureClass[];
}

/** Vehicles that are through or between two attempts. */
export interface Outcomes {
  readonly installed: number;
  readonly failed: number;
  /** Of those that failed, or failed last. */
  readonly byError: Readonly<Partial<Record<FailureClass, number>>>;
}

/** The criterion that is fulfilled, with what it saw. */
export function breached(criteria: readonly AbortCriterion[], outcomes: Outcomes): string | undefined {
  for (const { percent, minimumSample, errors } of criteria) {
    const through = outcomes.installed + outcomes.failed;
    if (through < minimumSample) continue;
    const counted = errors === undefined ? outcomes.failed : sum(errors.map((error) => outcomes.byError[error] ?? 0));
    if (100 * counted < percent * through) continue;
    const what = errors === undefined ? 'failed' : `failed (${errors.join(', ')})`;
    return `${counted} of ${through} ${what}; the limit is ${percent} % of at least ${minimumSample}`;
  }
  return undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
