import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { cursorParameter, limitParameter, pageOf } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { planExample, planSchema } from './campaign-plan.ts';
import {
  campaignExample,
  campaignSchema,
  onePath,
  statisticsSchema,
  statisticsViewOf,
  tag,
  viewOf,
} from './campaign-view.ts';

const draftCampaign = route({
  ...{ method: 'POST', path: '/v1/campaigns', operationId: 'draftCampaign', tag },
  summary: 'Draft a campaign for a release',
  description:
    'It is estimated, approved by two who did not draft it, and started. What it says never changes: another plan is another campaign.',
  scopes: ['manage_campaigns'],
  audit: 'campaign.draft',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: planSchema, mediaTypes: ['application/json'], examples: { france: planExample } },
  replies: {
    201: {
      description: 'A draft',
      schema: campaignSchema,
      example: campaignExample,
      headers: { Location: 'Where it can be read' },
    },
  },
  problems: ['release-not-known'],
  async permit({ body, caller }, services) {
    await services.campaigns.requireRelease(caller, body.releaseId);
  },
  async handle({ body, caller, operation }, services) {
    const campaign = await services.campaigns.draft(caller, body, operation);
    return { status: 201, body: viewOf(campaign), headers: { location: `/v1/campaigns/${campaign.campaignId}` } };
  },
});

const getCampaign = route({
  ...{ method: 'GET', path: '/v1/campaigns/{campaignId}', operationId: 'getCampaign', tag },
  summary: 'One campaign',
  scopes: ['read_campaigns', 'manage_campaigns', 'approve_campaigns'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The campaign', schema: campaignSchema, example: campaignExample } },
  problems: ['campaign-not-found'],
  async handle({ path: { campaignId }, caller }, services) {
    return { status: 200, body: viewOf(await services.campaigns.require(caller, campaignId)) };
  },
});

const listCampaigns = route({
  ...{ method: 'GET', path: '/v1/campaigns', operationId: 'listCampaigns', tag },
  summary: 'The campaigns, the newest first',
  scopes: ['read_campaigns', 'manage_campaigns', 'approve_campaigns'],
  pathSchema: z.object({}),
  querySchema: z.strictObject({ limit: limitParameter(100, 25), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of campaigns',
      schema: pageOf(campaignSchema),
      example: { items: [campaignExample] },
    },
  },
  problems: ['bad-cursor'],
  async handle({ query: { limit, cursor }, caller }, services) {
    const query = { brands: caller.brands };
    const from = decodeCursor(query, cursor);
    const { items, next } = await services.campaigns.list(caller, { limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

const campaignStatistics = route({
  ...{ method: 'GET', path: '/v1/campaigns/{campaignId}/statistics', operationId: 'getCampaignStatistics', tag },
  summary: 'How far a campaign came, by country, model and error',
  description: 'Exact, a few seconds behind the vehicles.',
  scopes: ['read_campaigns', 'manage_campaigns'],
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'Vehicles by what became of their updates',
      schema: statisticsSchema,
      example: {
        ...{ campaignId: campaignExample.campaignId, status: 'running' },
        total: { waiting: 812, offered: 120, declined: 14, working: 31, installed: 411, failed: 2 },
        byMarket: { FR: { installed: 411, failed: 2 } },
        byModel: { 'ID.3': { installed: 411, failed: 2 } },
        byError: { health: 2 },
      },
    },
  },
  problems: ['campaign-not-found'],
  async handle({ path: { campaignId }, caller }, services) {
    return { status: 200, body: statisticsViewOf(await services.campaigns.statistics(caller, campaignId)) };
  },
});

export const campaignRoutes: readonly VehicleRoute[] = [listCampaigns, draftCampaign, getCampaign, campaignStatistics];
