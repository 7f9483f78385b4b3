import * as z from 'zod';

const counts = z.record(z.string(), z.number());

export const estimate = z.looseObject({
  at: z.string(),
  vehicles: z.number(),
  looked: z.number(),
  byMarket: counts,
  byModel: counts,
  others: counts,
});
export type Estimate = z.infer<typeof estimate>;

const rate = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unlimited') }),
  z.object({ kind: z.literal('fixed'), perMinute: z.number() }),
  z.object({
    kind: z.literal('exponential'),
    basePerMinute: z.number(),
    factor: z.number(),
    counts: z.enum(['offered', 'installed']),
    every: z.number(),
    mostPerMinute: z.number(),
  }),
]);
const wave = z.object({ percent: z.number(), holdMinutes: z.number(), leastSuccessPercent: z.number().optional() });

/** A campaign as the API shows it; what is new there passes through to `--json`. */
export const campaign = z.looseObject({
  campaignId: z.string(),
  name: z.string(),
  brand: z.string(),
  releaseId: z.string(),
  softwareVersion: z.string(),
  status: z.enum(['draft', 'approved', 'running', 'paused', 'stopped', 'cancelled', 'closed']),
  since: z.string().optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  query: z.record(z.string(), z.array(z.string())),
  rollout: z.looseObject({
    rate,
    waves: z.array(wave),
    startAt: z.string().optional(),
    endAt: z.string().optional(),
  }),
  priority: z.number(),
  recall: z.boolean(),
  consentBy: z.enum(['owner', 'operator']),
  author: z.string(),
  approvals: z.array(z.object({ by: z.string(), at: z.string() })),
  estimate: estimate.optional(),
  createdAt: z.string(),
});
export type Campaign = z.infer<typeof campaign>;

export const campaignPage = z.object({ items: z.array(campaign), nextCursor: z.string().optional() });

/** Vehicles by what became of their updates, and how long it will take. */
export const statistics = z.looseObject({
  campaignId: z.string(),
  status: campaign.shape.status,
  total: counts,
  byMarket: z.record(z.string(), counts),
  byModel: z.record(z.string(), counts),
  byError: counts,
  forecast: z.object({ offeredBy: z.string().optional(), installedBy: z.string().optional() }).optional(),
});
export type Statistics = z.infer<typeof statistics>;

/** What somebody reads of it, in a line or two. */
export function told(it: Campaign): readonly string[] {
  const { campaignId, name, brand, softwareVersion, status, by, reason, approvals } = it;
  const why = by === undefined ? '' : ` by ${by}${reason === undefined ? '' : `: ${reason}`}`;
  const approved = status === 'draft' ? `, ${approvals.length} of 2 approvals` : '';
  return [`${campaignId}: ${name} (${brand} ${softwareVersion}), ${status}${why}${approved}`];
}
