import * as z from 'zod/mini';
import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Run } from '#shared/ota/campaigns/run.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { brandValue, marketValue } from './registry-item.ts';
import { leaseValue } from './task-item.ts';
import { campaignIdValue } from './update-item.ts';

/** The one author of the Campaigns table's keys. */
export const campaignKeys = {
  /** All campaigns lie together: there are hundreds, and they sort by the instant of their draft. */
  campaigns: 'campaigns',
  campaign: (campaignId: CampaignId) => ({ pk: 'campaigns', sk: campaignId }),
  run: (campaignId: CampaignId) => ({ pk: `run#${campaignId}`, sk: 'run' }),
  counters: (campaignId: CampaignId) => `counters#${campaignId}`,
  shard: (campaignId: CampaignId, shardId: string) => ({ pk: `counters#${campaignId}`, sk: `shard#${shardId}` }),
  correction: (campaignId: CampaignId) => ({ pk: `counters#${campaignId}`, sk: 'correction' }),
  due: (campaignId: CampaignId) => `due#${campaignId}`,
};

const strings = z.exactOptional(z.array(z.string()));
const counts = z.record(z.string(), z.number());
const error = z.enum(failureClasses);
const found = { vehicles: z.number(), looked: z.number(), byMarket: counts, byModel: counts, others: counts };

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

const resting = { since: z.number(), by: z.string(), reason: z.exactOptional(z.string()) };

const campaignItem = z.object({
  campaignId: campaignIdValue,
  name: z.string(),
  releaseId: z.string(),
  brand: brandValue,
  softwareVersion: z.string(),
  hardwareIds: z.array(z.string()),
  query: z.object({
    ...{ models: strings, softwareVersions: strings, hardwareIds: strings, vehicleIds: strings },
    markets: z.exactOptional(z.array(marketValue)),
  }),
  rollout: z.object({
    rate,
    waves: z.array(
      z.object({
        percent: z.number(),
        holdMinutes: z.number(),
        leastSuccessPercent: z.exactOptional(z.number()),
      }),
    ),
    startAt: z.exactOptional(z.number()),
    endAt: z.exactOptional(z.number()),
  }),
  priority: z.number(),
  recall: z.boolean(),
  consentBy: z.enum(['owner', 'operator']),
  abort: z.array(z.object({ percent: z.number(), minimumSample: z.number(), errors: z.exactOptional(z.array(error)) })),
  retries: z.partialRecord(error, z.object({ times: z.number(), afterMinutes: z.number() })),
  installMinutes: z.number(),
  silenceHours: z.exactOptional(z.number()),
  countries: z.exactOptional(z.partialRecord(marketValue, z.nullable(z.number()))),
  author: z.string(),
  createdAt: z.number(),
  changedAt: z.number(),
  approvals: z.array(z.object({ by: z.string(), at: z.number() })),
  estimate: z.exactOptional(z.object({ at: z.number(), ...found })),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('draft') }),
    z.object({ status: z.literal('approved') }),
    z.object({ status: z.literal('running'), since: z.number() }),
    z.object({ status: z.literal('paused'), ...resting }),
    z.object({ status: z.literal('stopped'), ...resting, closed: z.exactOptional(z.literal(true)) }),
    z.object({
      ...{ status: z.literal('cancelled'), at: z.number(), by: z.string() },
      closed: z.exactOptional(z.literal(true)),
    }),
    z.object({ status: z.literal('closed'), at: z.number() }),
  ]),
  version: z.number(),
});

export function campaignOf(item: unknown): Campaign {
  return campaignItem.parse(item);
}

export function campaignItemOf(campaign: Campaign) {
  return { ...campaignKeys.campaign(campaign.campaignId), ...campaign };
}

const from = z.exactOptional(z.string());

const runItem = z.object({
  campaignId: campaignIdValue,
  lease: leaseValue,
  holder: z.exactOptional(z.string()),
  begun: z.exactOptional(z.number()),
  call: z.string(),
  work: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('estimating'), from, found: z.object(found) }),
    z.object({ kind: z.literal('enlisting'), from }),
    z.object({
      kind: z.literal('offering'),
      pass: z.object({
        from,
        seen: z.number(),
        before: z.exactOptional(z.number()),
        again: z.exactOptional(z.number()),
        at: z.exactOptional(z.number()),
      }),
    }),
    z.object({ kind: z.literal('withdrawing'), from }),
    z.object({ kind: z.literal('counting'), from, counted: counts, tries: z.exactOptional(z.number()) }),
    z.object({ kind: z.literal('resting') }),
  ]),
  enlisted: z.number(),
  offered: z.number(),
  pace: z.object({ credit: z.number(), at: z.number(), waveAt: z.exactOptional(z.number()) }),
  duePosition: z.exactOptional(z.string()),
  withdrawn: z.exactOptional(z.literal(true)),
  cleared: z.exactOptional(z.literal(true)),
  version: z.number(),
});

export function runOf(item: unknown): Run {
  return runItem.parse(item);
}

export function runItemOf(run: Run) {
  return { ...campaignKeys.run(run.campaignId), ...run };
}
