import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  feedExamples,
  feedPath,
  feedViewOf,
  partnerFeedChanges,
  partnerFeedOrder,
  partnerFeedView,
} from './partner-feed-view.ts';
import { pageQuery, systemPath, tag } from './sharing-setup-view.ts';

const path = '/v1/sharing/systems/{systemId}/partner-feeds';
const manage = { tag, scopes: ['manage_sharing'] } as const;
const look = { tag, scopes: ['read_sharing', 'manage_sharing'] } as const;
const example = feedExamples.view;
const faults = ['system-not-found', 'partner-url-refused', 'partner-types-not-usable'] as const;

const createPartnerFeed = route({
  ...{ method: 'POST', path, operationId: 'createPartnerFeed', ...manage, audit: 'partner-feed.create' },
  summary: 'Offer a partner’s bikes and scooters in a city',
  description:
    'Their assets stand in the same searches as the operator’s own within a minute, and are held, ridden and paid the same way. The very same again changes nothing but the token.',
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: partnerFeedOrder, mediaTypes: ['application/json'], examples: { scooters: feedExamples.order } },
  replies: {
    200: { description: 'It was there, with the same data', schema: partnerFeedView, example },
    201: { description: 'Created; it is being read', schema: partnerFeedView, example },
  },
  problems: [...faults, 'partner-feed-known-otherwise'],
  async permit({ path: { systemId }, caller }, { sharingDoor }) {
    await sharingDoor.system(caller, systemId);
  },
  async handle({ path: { systemId }, body: { feedId, ...order }, caller }, { partnerFeeds }) {
    const { created, ...found } = await partnerFeeds.create(caller, { systemId, feedId }, order);
    return { status: created ? 201 : 200, body: feedViewOf(found) };
  },
});

const listPartnerFeeds = route({
  ...{ method: 'GET', path, operationId: 'listPartnerFeeds', ...look },
  summary: 'Partners whose vehicles are offered in a city',
  pathSchema: systemPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page of them', schema: pageOf(partnerFeedView), example: { items: [example] } },
  },
  problems: ['system-not-found', 'bad-cursor'],
  async handle({ path: { systemId }, query: { limit, cursor }, caller }, { partnerFeeds }) {
    const query = { partnerFeeds: systemId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await partnerFeeds.list(caller, systemId, { limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(feedViewOf), ...nextCursor } };
  },
});

const getPartnerFeed = route({
  ...{ method: 'GET', path: `${path}/{feedId}`, operationId: 'getPartnerFeed', ...look },
  summary: 'How a partner’s feed does: what of it is shown, and what is wrong with the rest',
  pathSchema: feedPath,
  ...pathAlone,
  replies: { 200: { description: 'The partner, and what came of reading it', schema: partnerFeedView, example } },
  problems: ['system-not-found', 'partner-feed-not-found'],
  async handle({ path: name, caller }, { partnerFeeds }) {
    return { status: 200, body: feedViewOf(await partnerFeeds.require(caller, name)) };
  },
});

const changePartnerFeed = route({
  ...{ method: 'PATCH', path: `${path}/{feedId}`, operationId: 'changePartnerFeed', ...manage },
  ...{ audit: 'partner-feed.change' },
  summary: 'Change what is shown of a partner, its token, or switch it off and on',
  description: 'Switched off, its vehicles leave searches within a minute; what somebody has they keep.',
  pathSchema: feedPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: partnerFeedChanges, mediaTypes: ['application/json'], examples: { off: { enabled: false } } },
  replies: { 200: { description: 'As it is now', schema: partnerFeedView, example } },
  problems: [...faults, 'partner-feed-not-found'],
  async handle({ path: name, body, caller }, { partnerFeeds }) {
    return { status: 200, body: feedViewOf(await partnerFeeds.change(caller, name, body)) };
  },
});

export const partnerFeedRoutes: readonly SharingRoute[] = [
  createPartnerFeed,
  listPartnerFeeds,
  getPartnerFeed,
  changePartnerFeed,
];
