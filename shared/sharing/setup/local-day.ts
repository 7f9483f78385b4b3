import type { Instant } from '../../kernel/clock.ts';

/** Making one takes a tenth of a millisecond. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-22`, by the calendar on the city's walls. @param timeZone IANA: `Europe/Berlin` */
export function dayIn(timeZone: string, at: Instant): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const parts = { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    // Swedish writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', parts);
    formats.set(timeZone, format);
  }
  return format.format(at);
}
