import * as z from 'zod/mini';
import { findingCodes } from '#shared/partners/assets/feed-finding.ts';
import type { CityOffer, FeedState } from '#shared/partners/assets/feed-state.ts';
import {
  type FeedId,
  type FeedName,
  feedContent,
  isFeedId,
  type PartnerFeed,
} from '#shared/partners/assets/partner-feed.ts';
import { operatorIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';

/** The one author of the keys of partners' feeds in the Partners table. A city's partition holds all of the city. */
export const feedKeys = {
  feed: ({ systemId, feedId }: FeedName) => ({ pk: cityPartition(systemId), sk: `${feedPrefix}${feedId}` }),
  state: ({ systemId, feedId }: FeedName) => ({ pk: cityPartition(systemId), sk: `state#${feedId}` }),
  /** What searches read: small, and nothing else beside it. */
  offer: ({ systemId, feedId }: FeedName) => ({ pk: cityPartition(systemId), sk: `${offerPrefix}${feedId}` }),
  /** Dozens in all: one partition holds them. */
  line: ({ systemId, feedId }: FeedName) => ({ pk: feedList, sk: `${systemId}#${feedId}` }),
};

export const feedList = 'asset-feeds';
export const feedPrefix = 'feed#';
export const offerPrefix = 'offer#';

export function cityPartition(systemId: SystemId): string {
  return `assets#${systemId}`;
}

export const feedIdValue = z.custom<FeedId>((value) => typeof value === 'string' && isFeedId(value));
export const feedNameValue: z.ZodMiniType<FeedName> = z.object({ systemId: systemIdValue, feedId: feedIdValue });

const feedItem = z.object({
  ...{ systemId: systemIdValue, feedId: feedIdValue, operatorId: operatorIdValue, sealedToken: z.string() },
  ...{ createdAt: z.number(), version: z.number(), ...feedContent.shape },
});

const kept = { until: z.number(), etag: z.exactOptional(z.string()) };
const segments = z.optional(z.array(z.object({ start: z.number(), rate: z.number(), interval: z.number() })));
const stateText = z.object({
  ...{ feedVersion: z.number(), checkedAt: z.number(), nextAt: z.number(), outcome: z.enum(['good', 'partly', 'bad']) },
  findings: z.array(z.object({ code: z.enum(findingCodes), pointer: z.string(), detail: z.string() })),
  ...{ findingCount: z.number(), freshUntil: z.number() },
  lastGoodAt: z.exactOptional(z.number()),
  lastUpdated: z.exactOptional(z.number()),
  counts: z.object({ vehicles: z.number(), listed: z.number(), rejected: z.number(), notShown: z.number() }),
  documents: z.object({
    discovery: z.exactOptional(z.object({ value: z.record(z.string(), z.string()), ...kept })),
    types: z.exactOptional(
      z.object({
        value: z.array(
          z.object({
            ...{ vehicle_type_id: z.string(), form_factor: z.string(), propulsion_type: z.string() },
            default_pricing_plan_id: z.optional(z.string()),
          }),
        ),
        ...kept,
      }),
    ),
    plans: z.exactOptional(
      z.object({
        value: z.array(
          z.object({
            ...{ plan_id: z.string(), currency: z.string(), price: z.number() },
            ...{ per_min_pricing: segments, per_km_pricing: segments },
          }),
        ),
        ...kept,
      }),
    ),
    status: z.exactOptional(z.object({ etag: z.string(), ttl: z.number() })),
  }),
});

export function feedOf(item: unknown): PartnerFeed {
  return feedItem.parse(item);
}

/** As text: what partners publish is theirs to nest. */
export function stateItemOf(name: FeedName, state: FeedState) {
  return { ...feedKeys.state(name), checkedAt: state.checkedAt, content: JSON.stringify(state) };
}

export function stateOf(item: unknown): FeedState {
  return stateText.parse(JSON.parse(z.object({ content: z.string() }).parse(item).content));
}

export const offerValue: z.ZodMiniType<CityOffer> = z.object({
  ...{ feedId: feedIdValue, issuer: z.string(), freshUntil: z.number() },
});
