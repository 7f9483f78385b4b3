import * as z from 'zod/mini';

/** What a vehicle may answer. Loose in what it does not know: a newer vehicle may say more. */
export const commandReplySchema = z.object({
  commandId: z.string().check(z.maxLength(64)),
  status: z.enum(['succeeded', 'rejected', 'failed']),
  reason: z.exactOptional(z.string().check(z.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), z.maxLength(64))),
  detail: z.exactOptional(z.string().check(z.maxLength(500))),
  completedAt: z.int().check(z.nonnegative()),
});
