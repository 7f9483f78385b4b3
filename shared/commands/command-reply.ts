import * as z from 'zod/mini';

/** The end of the year 9999: what lies beyond has no date in ISO 8601, and nobody could read the command again. */
const lastInstant = 253_402_300_799_999;

/** Half of a surrogate pair, e.g. where a vehicle cut its sentence: no table takes it. */
const loneSurrogates = /\p{Cs}/gu;

/** What a vehicle may answer. Loose in what it does not know: a newer vehicle may say more. */
export const commandReplySchema = z.object({
  commandId: z.string().check(z.maxLength(64)),
  status: z.enum(['succeeded', 'rejected', 'failed']),
  reason: z.exactOptional(z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(64))),
  detail: z.exactOptional(
    z.string().check(
      z.maxLength(500),
      z.overwrite((text) => text.replace(loneSurrogates, '\ufffd')),
    ),
  ),
  completedAt: z.int().check(z.nonnegative(), z.lte(lastInstant)),
});
