import { parseSchedule } from '#local/events/schedule.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import { invalidRequest } from '../registry/errors.ts';
import type { MaintenanceWindow, SchedulingConfig } from './job-settings.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const leastNotice = 30 * minuteMs;

/**
 * `2026-11-22 05:30` or an ISO date and time; UTC. Throws `AwsError` on anything else.
 */
function instantOf(text: string): Instant {
  const plain = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)$/.exec(text);
  const iso = plain === null ? text : `${plain[1]}T${plain[2]}:00Z`;
  const instant = /^\d{4}-\d\d-\d\d[T ]/.test(iso) ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(instant)) throw invalidRequest(`"${text}" is no date and time of a schedule.`);
  return instant;
}

export const startOfSchedule = ({ startTime }: SchedulingConfig): Instant | undefined =>
  startTime === undefined ? undefined : instantOf(startTime);

export const endOfSchedule = ({ endTime }: SchedulingConfig): Instant | undefined =>
  endTime === undefined ? undefined : instantOf(endTime);

/** Throws `AwsError` naming what AWS IoT would refuse (API reference, SchedulingConfig). */
export function checkSchedule(config: SchedulingConfig, now: Instant): void {
  const [start, end] = [startOfSchedule(config), endOfSchedule(config)];
  if (start !== undefined && (start < now + leastNotice || start > now + 366 * dayMs)) {
    throw invalidRequest('The start of a job lies at least thirty minutes and at most a year ahead.');
  }
  if (end !== undefined && (end < (start ?? now) + leastNotice || end > now + 731 * dayMs)) {
    throw invalidRequest('A job ends at least thirty minutes after its start, and within two years.');
  }
  if ((end === undefined) !== (config.endBehavior === undefined)) {
    throw invalidRequest('endTime and endBehavior come together.');
  }
  for (const window of config.maintenanceWindows ?? []) {
    try {
      nextStart(window, now);
    } catch (error) {
      throw invalidRequest(error instanceof Error ? error.message : String(error));
    }
  }
}

/** A time in which things may be reached. */
export interface Opening {
  readonly from: Instant;
  /** Undefined: it never ends. */
  readonly until: Instant | undefined;
}

/**
 * The present maintenance window, or the next one; where there are none, one that is always open. Undefined: there will
 * be none any more.
 */
export function openingOf({ maintenanceWindows = [] }: SchedulingConfig, now: Instant): Opening | undefined {
  if (maintenanceWindows.length === 0) return { from: now, until: undefined };
  const openings = maintenanceWindows.flatMap((window) => {
    const duration = window.durationInMinutes * minuteMs;
    // The first one that is not over at this moment.
    const from = nextStart(window, now - duration);
    return from === undefined ? [] : [{ from: Math.max(from, now), until: from + duration }];
  });
  return openings.sort((a, b) => a.from - b.from || b.until - a.until)[0];
}

function nextStart({ startTime }: MaintenanceWindow, after: Instant): Instant | undefined {
  return parseSchedule(startTime)(after);
}
