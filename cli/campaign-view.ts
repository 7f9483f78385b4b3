import * as z from 'zod';
import { updateStatuses } from '#shared/ota/updates/update.ts';

const counts = z.record(z.string(), z.number()).transform(inOrder);

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
  abort: z.array(z.object({ percent: z.number(), minimumSample: z.number(), errors: z.array(z.string()).optional() })),
  retries: z.record(z.string(), z.object({ times: z.number(), afterMinutes: z.number() })),
  installMinutes: z.number(),
  countries: z.record(z.string(), z.string().nullable()).optional(),
  author: z.string(),
  approvals: z.array(z.object({ by: z.string(), at: z.string() })),
  estimate: estimate.optional(),
  collidesWith: z.string().optional(),
  createdAt: z.string(),
});
export type Campaign = z.infer<typeof campaign>;

export const campaignPage = z.object({ items: z.array(campaign), nextCursor: z.string().optional() });

/** Vehicles by what became of their updates, and how long it will take. */
export const statistics = z.looseObject({
  campaignId: z.string(),
  status: campaign.shape.status,
  total: counts,
  byMarket: z.record(z.string(), counts).transform(byName),
  byModel: z.record(z.string(), counts).transform(byName),
  byError: counts,
  forecast: z.object({ offeredBy: z.string().optional(), installedBy: z.string().optional() }).optional(),
});
export type Statistics = z.infer<typeof statistics>;

/** What somebody reads of it, in a line. @param nameOf of whoever stopped it */
export function told(it: Campaign, nameOf = (by: string) => by): readonly string[] {
  const { campaignId, name, brand, softwareVersion, status, by, reason, approvals } = it;
  const why = by === undefined ? '' : ` by ${nameOf(by)}${reason === undefined ? '' : `: ${reason}`}`;
  const approved = status === 'draft' ? `, ${approvals.length} of 2 approvals` : '';
  return [`${campaignId}: ${name} (${brand} ${softwareVersion}), ${status}${why}${approved}`];
}

const statusOrder: readonly string[] = updateStatuses;

/** States in the order in which a vehicle comes through them; everything else by its name. The same is always the same. */
function inOrder(unordered: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const place = (name: string) => statusOrder.indexOf(name);
  const sorted = Object.entries(unordered).sort(
    ([one], [other]) => place(one) - place(other) || one.localeCompare(other, 'en'),
  );
  return Object.fromEntries(sorted);
}

/** Countries or models, by name. */
function byName<T>(groups: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(groups).sort(([one], [other]) => one.localeCompare(other, 'en')));
}
