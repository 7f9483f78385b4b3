import type { Instant } from '../../kernel/clock.ts';
import type { OpeningHours, SharingSystem } from './system.ts';

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** Making one takes a tenth of a millisecond, and each hold asks. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether new holds are taken; who has a vehicle may always use and return it. */
export function isOpen(
  { openingHours, timeZone }: Pick<SharingSystem, 'openingHours' | 'timeZone'>,
  now: Instant,
): boolean {
  if (openingHours === '24/7') return true;
  const { weekday, minute } = localTime(timeZone, now);
  const today = hoursOf(openingHours, weekday);
  return today !== undefined && minute >= today.from && minute < today.to;
}

/** By the clock on the wall: an hour that comes twice when summer ends is open twice. */
function localTime(timeZone: string, now: Instant): { weekday: number; minute: number } {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return {
    weekday: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
  formats.set(timeZone, format);
  return format;
}

export function hoursOf(hours: Exclude<OpeningHours, '24/7'>, weekday: number) {
  const byDay: Readonly<Record<number, { readonly from: number; readonly to: number } | undefined>> = hours;
  return byDay[weekday];
}

/** IANA's names have a place in them; offsets know no summer. */
export function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Z][A-Za-z_]+(?:\/[A-Za-z_+-]+)+$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
