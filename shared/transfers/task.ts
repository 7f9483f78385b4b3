import type { Instant } from '../kernel/clock.ts';

/** Who works on it: nobody else may until then. Whoever holds it is gone by then, one way or the other. */
export interface Lease {
  readonly until: Instant;
  /** Runs since the last step forward. */
  readonly attempts: number;
}

/** So many runs without a step forward, and the next would not bring one either. */
const mostAttempts = 20;

/** Longer than any run may take. */
const longestLease = 20 * 60_000;

/** A lease from a future that the clock was set back from holds nobody up. */
export function isHeld({ until }: Lease, now: Instant): boolean {
  return until > now && until - now <= longestLease;
}

export function attempted({ attempts }: Lease, until: Instant): Lease {
  return { until, attempts: attempts + 1 };
}

export function isHopeless({ attempts }: Lease): boolean {
  return attempts >= mostAttempts;
}

/** Seconds until the next attempt after a failed one: 1, 2, 4 … 60. */
export function restAfter({ attempts }: Lease): number {
  return Math.min(60, 2 ** Math.max(0, attempts - 1));
}

/** A run ends by itself before it is ended: what it has begun must come to a checkpoint. */
export interface RunTime {
  /** Whether there is time for another step. The platform counts a run's time; it is not the clock's. */
  readonly mayGoOn: () => boolean;
  /** Whoever still works then has died. */
  readonly goneAt: Instant;
}

/** What came of a run. */
export type RunResult =
  /** There is nothing to do: unknown, not begun or at its end. */
  | { readonly kind: 'nothing' }
  /** Somebody else works on it; a reminder is set for when that one must be through. */
  | { readonly kind: 'busy' }
  /** Somebody else has gone on from where this run was. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'continued' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'ended' };

/** Hands a long task on to its next run. */
export interface Continuations {
  send(taskId: string, delaySeconds: number): Promise<void>;
}
