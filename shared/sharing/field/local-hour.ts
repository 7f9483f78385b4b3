import type { Instant } from '../../kernel/clock.ts';
import { dayIn } from '../setup/local-day.ts';

const hour = 3_600_000;
/** Making one takes a tenth of a millisecond. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** ms by which clocks on the city's walls are ahead of UTC. @param timeZone IANA: `Europe/Berlin` */
function offsetIn(timeZone: string, at: Instant): number {
  const parts = formatFor(timeZone).formatToParts(at);
  const part = (name: string) => Number(parts.find(({ type }) => type === name)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(at / 1000) * 1000;
}

/**
 * When the hour began that the city's clocks show. The hour that autumn has twice is two hours, by two instants. (Lord
 * Howe Island changes its clocks by half an hour: twice a year an hour there is half of one and half of the next.)
 */
export function hourOf(timeZone: string, at: Instant): Instant {
  const offset = offsetIn(timeZone, at);
  return Math.floor((at + offset) / hour) * hour - offset;
}

/** When the city's day began: spring has one of 23 hours, and autumn one of 25. */
export function dayOf(timeZone: string, at: Instant): Instant {
  const day = dayIn(timeZone, at);
  let start = hourOf(timeZone, at);
  while (dayIn(timeZone, start - 1) === day) start = hourOf(timeZone, start - 1);
  return start;
}

/** `2026-11-22T19:00+01:00` */
export function localTime(timeZone: string, at: Instant): string {
  const offset = offsetIn(timeZone, at);
  const sign = offset < 0 ? '-' : '+';
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.abs(offset) / 60_000;
  return `${new Date(at + offset).toISOString().slice(0, 16)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const two = '2-digit' as const;
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
  });
  formats.set(timeZone, format);
  return format;
}
