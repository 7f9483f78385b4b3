import type { Instant } from '../kernel/clock.ts';

/** How a receiver does. */
export interface Health {
  /** Calls that failed since the last that did not. */
  readonly failures: number;
  readonly lastFailure?: { readonly at: Instant; readonly reason: string };
  readonly rest?: Rest;
}

/** A receiver that keeps failing is left alone: what is for it waits, and one probe at a time looks whether it is back. */
export interface Rest {
  readonly since: Instant;
  /** The next probe. */
  readonly until: Instant;
  /** That have failed. */
  readonly probes: number;
}

export const healthy: Health = { failures: 0 };

const failuresToRest = 5;
const minute = 60_000;
/** Between probes; the last one over and over. */
const rests: readonly number[] = [minute / 2, 2 * minute, 10 * minute, 30 * minute, 60 * minute];
/** Whoever has not been there for so long is not coming back. */
export const longestRest = 5 * 24 * 60 * minute;

/**
 * A call failed. While it rests a failure counts only when the probe was due: others were under way before.
 *
 * @param draw 0 to 1: probes of many that failed at once do not come at once
 */
export function afterFailure(health: Health, reason: string, now: Instant, draw: number): Health {
  const { failures, rest } = health;
  const next = { failures: failures + 1, lastFailure: { at: now, reason } };
  if (rest === undefined) {
    return next.failures < failuresToRest ? next : { ...next, rest: restFrom(now, now, 0, draw) };
  }
  if (now < rest.until) return health;
  return { ...next, rest: restFrom(rest.since, now, rest.probes + 1, draw) };
}

export function isExhausted({ rest }: Health, now: Instant): boolean {
  return rest !== undefined && now - rest.since >= longestRest;
}

/** There is nothing to probe with: the next event will tell, and one failure more is enough to rest again. */
export function restedEnough(health: Health): Health {
  const { rest: _, ...rest } = health;
  return { ...rest, failures: failuresToRest - 1 };
}

function restFrom(since: Instant, now: Instant, probes: number, draw: number): Rest {
  const pause = rests[Math.min(probes, rests.length - 1)] ?? 60 * minute;
  return { since, until: now + Math.round(pause * (1 + draw / 4)), probes };
}
