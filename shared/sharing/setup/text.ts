import * as z from 'zod/mini';
import { longestSlug, slugPattern } from '../sharing-id.ts';

/** What is chosen as a name for programs: `we-share-berlin`. */
export const slug = z.string().check(z.regex(slugPattern), z.maxLength(longestSlug));

const hidden = /\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\ufffd/u;

/** What people read: one line, without spaces at its ends and without anything that cannot be seen. */
export function line(longest: number) {
  return z.string().check(
    z.minLength(1),
    z.maxLength(longest),
    z.refine((text) => text.trim() === text && !hidden.test(text), 'has spaces at its ends or invisible characters'),
  );
}

const unreadable = /[\p{Cs}\p{Bidi_Control}\ufffd]|(?![\n\r\t])\p{Cc}/u;

/** What people write in their own words, of more than one line too: without what turns text around, and half characters. */
export function words(longest: number) {
  return z.string().check(
    z.minLength(1),
    z.maxLength(longest),
    z.refine((text) => /\S/.test(text) && !unreadable.test(text), 'is blank, or has characters that cannot be read'),
  );
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** ISO 8601 with its offset from UTC; milliseconds since the Unix epoch afterwards. */
export const moment = z.pipe(
  z.string().check(z.refine((text) => dateTime.test(text) && isDay(text), 'is no time like 2026-11-21T08:30:00Z')),
  z.transform((text: string) => Date.parse(text)),
);

/** The 30th of February would silently be the 2nd of March. */
function isDay(text: string): boolean {
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(midnight) || Number.isNaN(Date.parse(text))) return false;
  return new Date(midnight).toISOString().startsWith(text.slice(0, 10));
}
