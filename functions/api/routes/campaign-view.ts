import * as z from 'zod/mini';
import { type Campaign, campaignStatuses } from '#shared/ota/campaigns/campaign.ts';
import { type CampaignId, campaignIdPattern, isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Progress } from '#shared/ota/campaigns/campaign-service.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { updateStatuses } from '#shared/ota/updates/update.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { criterionSchema, querySchema, rateSchema, retrySchema, waveSchema } from './campaign-plan.ts';

export const tag = 'Campaigns';

export const campaignIdText = text<CampaignId>(isCampaignId, () => 'is no campaign id', {
  pattern: campaignIdPattern.source,
  description: 'Identifier of the campaign; sorts by the time it was drafted',
});
export const onePath = z.object({ campaignId: campaignIdText });

const counts = z.record(z.string(), z.int());
const estimateSchema = z.object({
  at: instant(),
  vehicles: as(z.int(), { description: 'That it would reach' }),
  looked: as(z.int(), { description: 'That were looked at' }),
  byMarket: counts,
  byModel: counts,
  others: as(counts, { description: 'Why the others are not in it' }),
});

export const campaignSchema = as(
  z.object({
    campaignId: z.string(),
    name: z.string(),
    brand: z.string(),
    releaseId: z.string(),
    softwareVersion: as(z.string(), { description: 'Of the vehicle as a whole, afterwards' }),
    status: z.enum(campaignStatuses),
    since: z.exactOptional(instant('Since when it is so')),
    by: z.exactOptional(as(z.string(), { description: '`abort-threshold`: too many failed' })),
    reason: z.exactOptional(z.string()),
    query: querySchema,
    rollout: z.object({
      rate: rateSchema,
      waves: z.array(waveSchema),
      startAt: z.exactOptional(instant()),
      endAt: z.exactOptional(instant()),
    }),
    priority: z.int(),
    recall: z.boolean(),
    consentBy: z.enum(['owner', 'operator']),
    abort: z.array(criterionSchema),
    retries: z.partialRecord(z.enum(failureClasses), retrySchema),
    installMinutes: z.int(),
    countries: z.exactOptional(z.record(z.string(), z.nullable(instant()))),
    author: z.string(),
    approvals: z.array(z.object({ by: z.string(), at: instant() })),
    estimate: z.exactOptional(estimateSchema),
    collidesWith: z.exactOptional(
      as(z.string(), {
        description:
          'In the answer to `estimate`: begun, of the same priority, for the same control units of the same vehicles. Beside it this one is not started',
      }),
    ),
    createdAt: instant(),
  }),
  { id: 'Campaign' },
);

type CampaignView = z.infer<typeof campaignSchema>;

export const campaignExample: CampaignView = {
  campaignId: 'cmp-01l8q3m2gk3vq7n2mzt5',
  name: 'Gateway 5.5 for French ID.3',
  brand: 'volkswagen',
  releaseId: 'rel-k3vq7n2mzt5ahx6cwp4r',
  softwareVersion: '5.5.0',
  status: 'draft',
  query: {},
  rollout: { rate: { kind: 'fixed', perMinute: 100 }, waves: [] },
  ...{ priority: 100, recall: false, consentBy: 'owner', author: 'operator', approvals: [] },
  ...{ abort: [{ percent: 10, minimumSample: 50 }], retries: { network: { times: 5, afterMinutes: 30 } } },
  installMinutes: 240,
  createdAt: '2026-11-21T08:30:00.000Z',
};

export function viewOf(campaign: Campaign): CampaignView {
  const { campaignId, name, brand, releaseId, softwareVersion, query, rollout, priority, recall, consentBy } = campaign;
  const { author, approvals, createdAt, estimate, state, abort, retries, installMinutes, countries } = campaign;
  const { startAt, endAt, ...pace } = rollout;
  return {
    ...{ campaignId, name, brand, releaseId, softwareVersion, status: state.status },
    ...stateOf(state),
    query: querySchema.parse(query),
    rollout: {
      ...{ rate: pace.rate, waves: pace.waves.map((wave) => ({ ...wave })) },
      ...(startAt !== undefined && { startAt: isoTime(startAt) }),
      ...(endAt !== undefined && { endAt: isoTime(endAt) }),
    },
    ...{ priority, recall, consentBy, installMinutes, author },
    ...{ abort: abort.map(criterionOf), retries: { ...retries } },
    ...(countries !== undefined && { countries: openingsOf(countries) }),
    approvals: approvals.map(({ by, at }) => ({ by, at: isoTime(at) })),
    ...(estimate !== undefined && { estimate: estimateOf(estimate) }),
    createdAt: isoTime(createdAt),
  };
}

function criterionOf({ errors, ...criterion }: Campaign['abort'][number]) {
  return { ...criterion, ...(errors !== undefined && { errors: [...errors] }) };
}

function openingsOf(countries: NonNullable<Campaign['countries']>) {
  const openings = Object.entries(countries).map(([market, from]) => [market, from ? isoTime(from) : null]);
  return Object.fromEntries(openings);
}

function stateOf(state: Campaign['state']): Pick<CampaignView, 'since' | 'by' | 'reason'> {
  const at = 'since' in state ? state.since : 'at' in state ? state.at : undefined;
  return {
    ...(at !== undefined && { since: isoTime(at) }),
    ...('by' in state && { by: state.by }),
    ...('reason' in state && state.reason !== undefined && { reason: state.reason }),
  };
}

function estimateOf({ at, byMarket, byModel, others, vehicles, looked }: NonNullable<Campaign['estimate']>) {
  return {
    at: isoTime(at),
    vehicles,
    looked,
    byMarket: { ...byMarket },
    byModel: { ...byModel },
    others: { ...others },
  };
}

const byStatus = z.partialRecord(z.enum(updateStatuses), z.int());

export const statisticsSchema = as(
  z.object({
    campaignId: z.string(),
    status: z.enum(campaignStatuses),
    total: as(byStatus, { description: 'Vehicles by what became of their updates; each counts once' }),
    byMarket: z.record(z.string(), byStatus),
    byModel: z.record(z.string(), byStatus),
    byError: as(z.partialRecord(z.enum(failureClasses), z.int()), {
      description: 'Vehicles that failed, or failed last and are tried again',
    }),
    forecast: z.exactOptional(
      z.object({
        offeredBy: z.exactOptional(instant('When everybody will have been offered it, if each wave succeeds')),
        installedBy: z.exactOptional(instant('When those who accept can be through at the earliest, by the quotas')),
      }),
    ),
  }),
  { id: 'CampaignStatistics' },
);

export function statisticsViewOf({ campaign: { campaignId, state }, statistics, forecast }: Progress) {
  return {
    ...{ campaignId, status: state.status, ...statistics },
    ...(forecast !== undefined && {
      forecast: {
        ...(forecast.offeredBy !== undefined && { offeredBy: isoTime(forecast.offeredBy) }),
        ...(forecast.installedBy !== undefined && { installedBy: isoTime(forecast.installedBy) }),
      },
    }),
  };
}
