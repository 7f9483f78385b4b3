import * as z from 'zod/mini';
import { findingCodes } from '#shared/partners/assets/feed-finding.ts';
import { noAssets, statusOf } from '#shared/partners/assets/feed-state.ts';
import {
  contentOf,
  type FeedId,
  feedChanges,
  feedContent,
  feedOrder,
  isFeedId,
} from '#shared/partners/assets/partner-feed.ts';
import type { FeedWithState } from '#shared/partners/assets/partner-feed-service.ts';
import { longestSlug, slugPattern } from '#shared/sharing/sharing-id.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { systemIdText } from './sharing-setup-view.ts';

const feedIdText = text<FeedId>(isFeedId, () => 'is no id: a-z, 0-9 and single hyphens, 40 at most', {
  ...{ pattern: slugPattern.source, maxLength: longestSlug },
  description: 'The partner’s offer in this city, as the operator calls it',
});

export const feedPath = z.object({ systemId: systemIdText, feedId: feedIdText });

export const partnerFeedOrder = as(z.strictObject({ feedId: feedIdText, ...feedOrder.shape }), {
  id: 'PartnerFeedOrder',
  description:
    '`gbfsUrl` is the partner’s `gbfs.json` (3.0), `tompUrl` where its TOMP 2.0 begins, `token` what it gave us: nobody is shown it again. `shows` says under which of our types its types stand, `freshSeconds` after how long what it said counts no more, `priceDueHours` after how long a use without a price is the operator’s to decide, `priceCap` what costs more than is ever charged unasked (minor units)',
});
export const partnerFeedChanges = as(feedChanges, {
  id: 'PartnerFeedChanges',
  description: 'What is to be replaced; a new `token` counts at once',
});

const finding = z.object({
  code: z.enum(findingCodes),
  pointer: as(z.string(), { description: 'The file and the place in it, as a JSON pointer' }),
  detail: z.string(),
});

export const partnerFeedView = as(
  z.object({
    feedId: z.string(),
    systemId: z.string(),
    ...feedContent.shape,
    version: z.int(),
    createdAt: instant(),
    status: as(z.enum(['good', 'partly', 'bad', 'stale', 'never-read', 'disabled']), {
      description:
        '`partly`: some assets are left out; `bad`: nothing could be used, what was good stays while it is fresh',
    }),
    checkedAt: z.exactOptional(instant()),
    lastGoodAt: z.exactOptional(instant('When something of it was usable last')),
    lastUpdated: z.exactOptional(instant('Of the assets, as the partner said then')),
    counts: z.object({
      vehicles: as(z.int(), { description: 'In the partner’s file' }),
      listed: as(z.int(), { description: 'In our searches, free or not' }),
      rejected: z.int(),
      notShown: as(z.int(), { description: 'Of types that are not shown' }),
    }),
    findings: as(z.array(finding), { description: 'The first 50' }),
    findingCount: z.int(),
  }),
  { id: 'PartnerFeed' },
);

const content = {
  ...{ gbfsUrl: 'https://gbfs.nextwheel.example/berlin/gbfs.json', tompUrl: 'https://tomp.nextwheel.example/v2' },
  issuer: { name: 'Nextwheel GmbH', taxId: 'DE123456789' },
  ...{
    shows: [{ assetTypeId: 's', vehicleTypeId: 'e-scooter' }],
    freshSeconds: 300,
    enabled: true,
    priceDueHours: 24,
    priceCap: 20_000,
  },
};
export const feedExamples = {
  order: { feedId: 'nextwheel', ...content, token: 'nw_live_4f1c9d27a0be' },
  view: {
    ...{ feedId: 'nextwheel', systemId: 'we-share-berlin', ...content, version: 1 },
    ...{ createdAt: '2026-11-21T08:00:00.000Z', status: 'partly', checkedAt: '2026-11-21T08:30:00.000Z' },
    ...{ lastGoodAt: '2026-11-21T08:30:00.000Z', lastUpdated: '2026-11-21T08:29:41.000Z' },
    counts: { vehicles: 412, listed: 398, rejected: 2, notShown: 12 },
    findings: [
      {
        ...{ code: 'coordinates-swapped', pointer: '/vehicle_status/data/vehicles/12/lat' },
        detail: 'latitude and longitude are swapped: the other way round it stands in the city',
      },
    ],
    findingCount: 1,
  },
};

export function feedViewOf({ feed, state, now }: FeedWithState) {
  const { feedId, systemId, version, createdAt } = feed;
  return {
    ...{ feedId, systemId, ...contentOf(feed), version, createdAt: isoTime(createdAt) },
    status: statusOf(feed, state, now),
    ...(state !== undefined && { checkedAt: isoTime(state.checkedAt) }),
    ...(state?.lastGoodAt !== undefined && { lastGoodAt: isoTime(state.lastGoodAt) }),
    ...(state?.lastUpdated !== undefined && { lastUpdated: isoTime(state.lastUpdated) }),
    ...{ counts: state?.counts ?? noAssets, findings: state?.findings ?? [], findingCount: state?.findingCount ?? 0 },
  };
}
