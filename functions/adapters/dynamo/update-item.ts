import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import { type CampaignId, isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { marketValue, vehicleIdValue } from './registry-item.ts';
import { storyOf, storyText } from './story-item.ts';

export const campaignIdValue = z.custom<CampaignId>((value) => typeof value === 'string' && isCampaignId(value));
const personIdValue = z.custom<PersonId>((value) => typeof value === 'string' && isPersonId(value));

/** A campaign's vehicles are spread over so many partitions of the index. */
export const campaignShards = 8;

/** The one author of the keys of updates; the table holds more of a vehicle under other sort keys. */
export const updateKeys = {
  update: (vehicleId: VehicleId, campaignId: CampaignId) => ({ pk: vehicleId, sk: campaignId }),
  /** What the sort keys of updates begin with. */
  prefix: 'cmp-',
  shard: (campaignId: CampaignId, shard: number) => `${campaignId}#${shard}`,
};

export const consentValue = z.object({
  by: z.enum(['owner', 'driver', 'operator']),
  personId: z.exactOptional(personIdValue),
  clientId: z.exactOptional(z.string()),
  at: z.number(),
  from: z.number(),
  to: z.number(),
  voided: z.exactOptional(z.literal(true)),
});
const error = z.enum(failureClasses);

const state = z.discriminatedUnion('status', [
  z.object({ status: z.literal('waiting'), behind: z.exactOptional(z.literal(true)) }),
  z.object({ status: z.literal('offered') }),
  z.object({ status: z.literal('declined'), remindAt: z.number() }),
  z.object({ status: z.literal('muted') }),
  z.object({ status: z.literal('accepted'), consent: consentValue }),
  z.object({
    status: z.literal('working'),
    consent: consentValue,
    phase: z.enum(['downloading', 'waiting', 'installing', 'checking', 'falling-back']),
    percent: z.number(),
    installingSince: z.exactOptional(z.number()),
  }),
  z.object({ status: z.literal('retrying'), consent: consentValue, error, due: z.number() }),
  z.object({ status: z.literal('installed') }),
  z.object({
    status: z.literal('failed'),
    error,
    safety: z.enum(['safe', 'unsafe-to-drive', 'unknown']),
    detail: z.exactOptional(z.string()),
    ecuId: z.exactOptional(z.string()),
    attack: z.exactOptional(z.string()),
    consent: consentValue,
  }),
  z.object({ status: z.literal('cancelled'), by: z.string() }),
  z.object({ status: z.literal('removed'), reason: z.enum(['not-needed', 'not-eligible', 'vehicle-retired']) }),
]);

const updateItem = z.object({
  pk: vehicleIdValue,
  sk: campaignIdValue,
  releaseId: z.string(),
  softwareVersion: z.string(),
  priority: z.number(),
  recall: z.boolean(),
  consentBy: z.enum(['owner', 'operator']),
  market: marketValue,
  model: z.string(),
  state,
  story: z.exactOptional(z.string()),
  revision: z.number(),
  decidedOf: z.exactOptional(z.number()),
  attempt: z.number(),
  heard: z.number(),
  over: z.number(),
  failures: z.number(),
  ownerSince: z.exactOptional(z.number()),
  enlistedAt: z.number(),
  changedAt: z.number(),
  version: z.number(),
});

export function isUpdateKey(sk: string): boolean {
  return isCampaignId(sk);
}

export function updateOf(item: unknown): Update {
  const { pk: vehicleId, sk: campaignId, story, ...rest } = updateItem.parse(item);
  return { vehicleId, campaignId, ...rest, story: story === undefined ? [] : storyOf(story, rest.enlistedAt) };
}

/** The keys say vehicle and campaign, so that an update stays within one write unit. */
export function updateItemOf({ vehicleId, campaignId, story, ...rest }: Update) {
  const campaignShard = updateKeys.shard(campaignId, shardOf(vehicleId));
  const told = story.length === 0 ? {} : { story: storyText(story, rest.enlistedAt) };
  return { ...updateKeys.update(vehicleId, campaignId), campaignShard, ...rest, ...told };
}

function shardOf(vehicleId: VehicleId): number {
  let hash = 0;
  for (const character of vehicleId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % campaignShards;
}
