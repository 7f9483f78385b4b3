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
