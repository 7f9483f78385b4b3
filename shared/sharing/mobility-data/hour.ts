import type { Instant } from '../../kernel/clock.ts';

/** `2026-11-22T19`, UTC. */
export const hourPattern = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3])$/;

export const hourLength = 3_600_000;

/** ms after its end from which on an hour is complete: vehicles in contact have told of it within seconds. */
export const settling = 300_000;

/** ms: how far back recent events reach. */
export const recently = 14 * 86_400_000;

/** The hour's first instant; undefined for a day that there is not. */
export function hourOf(text: string): Instant | undefined {
  const at = Date.parse(`${text}:00:00Z`);
  return hourPattern.test(text) && !Number.isNaN(at) && hourText(at) === text ? at : undefined;
}

export function hourText(at: Instant): string {
  return new Date(at).toISOString().slice(0, 13);
}

export function startOfHour(at: Instant): Instant {
  return at - (at % hourLength);
}

/**
 * MDS 2.0, "Historical Events - Responses": `ahead` is not in the past yet, `before` nobody was operating, `settling` is
 * past and may still lack something.
 */
export type HourState = 'ahead' | 'before' | 'settling' | 'complete';

/** @param since of the first event in the city; undefined: there was none */
export function stateOfHour(hour: Instant, since: Instant | undefined, now: Instant): HourState {
  const end = hour + hourLength;
  if (now < end) return 'ahead';
  if (since === undefined || end <= since) return 'before';
  return now < end + settling ? 'settling' : 'complete';
}
