import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, pathAlone } from '../route.ts';
import { as, cursorParameter, instant, isoTime, limitParameter, pageOf } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { campaignExample, onePath } from './campaign-view.ts';
import { oneUpdatePath } from './update-view.ts';

const tag = 'Evidence';

const recordSchema = as(
  z.object({
    vehicleId: z.string(),
    name: as(z.string(), { description: 'Of the file: campaign, vehicle, and which of its ends' }),
    bytes: z.int(),
    keptAt: instant(),
    url: as(z.string(), {
      format: 'uri',
      description: 'The record as it was put down. Good for 15 minutes at most, each question brings a new one.',
    }),
  }),
  { id: 'EvidenceRecord' },
);

const name = 'updates/cmp-01l8q3m2gk3vq7n2mzt5/veh-k3vq7n2mzt5ahx6cwp4r/000006.json';

const campaignEvidence = route({
  ...{ method: 'GET', path: '/v1/campaigns/{campaignId}/evidence', operationId: 'exportCampaignEvidence', tag },
  summary: 'What the updates of a campaign came to, for whoever checks it',
  description:
    'A record for each end of each vehicle’s update to which somebody had consented, by vehicle; nobody can change or delete one before its time is over. Who asks stands in the audit.',
  scopes: ['read_evidence'],
  audit: 'evidence.export',
  pathSchema: onePath,
  querySchema: z.strictObject({ limit: limitParameter(1000, 100), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of records',
      schema: pageOf(recordSchema),
      example: {
        items: [
          {
            ...{ vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', name, bytes: 5210, keptAt: '2026-11-21T08:30:00.000Z' },
            url: `https://fleetloom.s3.eu-central-1.amazonaws.com/${name}?X-Amz-…`,
          },
        ],
      },
    },
  },
  problems: ['campaign-not-found', 'bad-cursor'],
  async handle({ path: { campaignId }, query: { limit, cursor }, caller }, services) {
    await services.campaigns.require(caller, campaignId);
    const query = { evidence: campaignId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await services.evidence.ofCampaign(campaignId, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return {
      status: 200,
      body: { items: items.map(({ keptAt, ...record }) => ({ ...record, keptAt: isoTime(keptAt) })), ...nextCursor },
    };
  },
});

const document = z.record(z.string(), z.unknown());

const updateEvidence = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/updates/{campaignId}/evidence', tag },
  operationId: 'readUpdateEvidence',
  summary: 'What was put down of one vehicle’s update',
  description:
    'The records, and what the vehicle itself stated at the end of each attempt, as they were put down (docs/evidence.md tells their members).',
  scopes: ['read_evidence'],
  audit: 'evidence.read',
  pathSchema: oneUpdatePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'Empty lists where nothing was put down',
      schema: z.object({ records: z.array(document), statements: z.array(document) }),
      example: {
        records: [{ kind: 'vehicle-update', format: 1, campaignId: campaignExample.campaignId }],
        statements: [{ kind: 'vehicle-statement', format: 1 }],
      },
    },
  },
  problems: ['vehicle-not-found', 'campaign-not-found'],
  async handle({ path: { vehicleId, campaignId }, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
    await services.campaigns.require(caller, campaignId);
    return { status: 200, body: await services.evidence.ofUpdate(vehicleId, campaignId) };
  },
});

export const evidenceRoutes: readonly VehicleRoute[] = [campaignEvidence, updateEvidence];
