import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, cursorParameter, limitParameter, pageOf, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { campaignIdText } from './campaign-view.ts';
import {
  caseExample,
  caseSchema,
  caseStoryExample,
  caseStorySchema,
  noteText,
  onePath,
  storyOf,
  tag,
  viewOf,
} from './case-view.ts';

const listCases = route({
  ...{ method: 'GET', path: '/v1/cases', operationId: 'listCases', tag },
  summary: 'Open cases, vehicles that must not be driven first',
  description: 'Then those that are stuck, then those that failed; of each the newest first.',
  scopes: ['assist_updates', 'read_campaigns'],
  pathSchema: z.object({}),
  querySchema: z.strictObject({
    campaignId: z.exactOptional(as(campaignIdText, { description: 'Of this campaign alone' })),
    ...{ limit: limitParameter(100, 25), cursor: cursorParameter },
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of cases', schema: pageOf(caseSchema), example: { items: [caseExample] } } },
  problems: ['bad-cursor'],
  async handle({ query: { campaignId, limit, cursor }, caller }, services) {
    const query = { cases: campaignId ?? 'all', brands: caller.brands };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await services.cases.open(caller, campaignId, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

const getCase = route({
  ...{ method: 'GET', path: '/v1/cases/{caseId}', operationId: 'getCase', tag },
  summary: 'One case: its timeline, what the vehicle says of its safety, and what to do next',
  scopes: ['assist_updates', 'read_campaigns'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The case', schema: caseStorySchema, example: caseStoryExample } },
  problems: ['case-not-found'],
  async handle({ path: { caseId }, caller }, services) {
    const { one, update, connection } = await services.cases.story(caller, caseId);
    return { status: 200, body: storyOf(one, update, connection) };
  },
});

const handOver = route({
  ...{ method: 'POST', path: '/v1/cases', operationId: 'handOverToAssistance', tag, audit: 'case.hand-over' },
  summary: 'Hand a vehicle to those who assist',
  description: 'Where there is an open case already, the text is added to it.',
  scopes: ['assist_updates', 'manage_campaigns'],
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({ vehicleId: vehicleIdText, campaignId: campaignIdText, text: noteText }),
    mediaTypes: ['application/json'],
    examples: {
      odd: {
        ...{ vehicleId: caseExample.vehicleId, campaignId: caseExample.campaignId },
        text: 'Failed four times in a different way each.',
      },
    },
  },
  replies: {
    201: {
      description: 'The open case',
      schema: caseSchema,
      example: caseExample,
      headers: { Location: 'Where it can be read' },
    },
  },
  problems: ['vehicle-not-found', 'update-not-found', 'contended'],
  async permit({ body, caller }, services) {
    await services.vehicles.require(caller, body.vehicleId);
  },
  async handle({ body, caller, operation }, services) {
    const vehicle = await services.vehicles.require(caller, body.vehicleId);
    const { text } = body;
    const one = viewOf(await services.cases.handOver(vehicle, body.campaignId, { caller, operation, text }));
    return { status: 201, body: one, headers: { location: `/v1/cases/${one.caseId}` } };
  },
});

export const caseRoutes: readonly VehicleRoute[] = [listCases, getCase, handOver];
