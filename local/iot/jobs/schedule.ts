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
export function instantOf(text: string): Instant {
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

/** When things may be reached next: now in a maintenance window or without any; undefined: never again. */
export function opensAt({ maintenanceWindows = [] }: SchedulingConfig, now: Instant): Instant | undefined {
  if (maintenanceWindows.length === 0) return now;
  const openings = maintenanceWindows.flatMap((window) => {
    // The first one that is not over at this moment.
    const start = nextStart(window, now - window.durationInMinutes * minuteMs);
    return start === undefined ? [] : [Math.max(start, now)];
  });
  return openings.length === 0 ? undefined : Math.min(...openings);
}

function nextStart({ startTime }: MaintenanceWindow, after: Instant): Instant | undefined {
  return parseSchedule(startTime)(after);
}
