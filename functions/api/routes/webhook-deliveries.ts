import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, pathAlone } from '../route.ts';
import { as, cursorParameter, limitParameter, pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { deliveryPath, deliveryView, deliveryViewOf, tag, webhookExamples, webhookPath } from './webhook-view.ts';

const scopes = ['manage_webhooks'] as const;
const example = webhookExamples.delivery;
const asked = { ...example, status: 'waiting', attempts: 0 };
const deliveryProblems = ['webhook-not-found', 'webhook-delivery-not-found'] as const;

const listDeliveries = route({
  ...{ method: 'GET', path: '/v1/webhooks/{webhookId}/deliveries', operationId: 'listWebhookDeliveries', tag, scopes },
  summary: 'What became of the events of the last 14 days',
  pathSchema: webhookPath,
  querySchema: z.strictObject({
    status: as(z._default(z.enum(['waiting', 'delivered', 'dead']), 'dead'), {
      description: '`waiting`: tried again, or left until the receiver is back; `dead`: given up',
    }),
    limit: limitParameter(100, 25),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page, the newest events first',
      schema: pageOf(deliveryView),
      example: { items: [example] },
    },
  },
  problems: ['bad-cursor', 'webhook-not-found'],
  async handle({ path: { webhookId }, query: { status, limit, cursor }, caller }, { deliveries }) {
    const query = { deliveriesOf: webhookId, status };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await deliveries.list(caller, webhookId, status, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(deliveryViewOf), ...nextCursor } };
  },
});

const getDelivery = route({
  ...{ method: 'GET', path: '/v1/webhooks/{webhookId}/deliveries/{deliveryId}', operationId: 'getWebhookDelivery' },
  ...{ tag, scopes, summary: 'What became of one event' },
  pathSchema: deliveryPath,
  ...pathAlone,
  replies: { 200: { description: 'The delivery', schema: deliveryView, example } },
  problems: deliveryProblems,
  async handle({ path: { webhookId, deliveryId }, caller }, { deliveries }) {
    return { status: 200, body: deliveryViewOf(await deliveries.require(caller, webhookId, deliveryId)) };
  },
});

const replayDelivery = route({
  ...{ method: 'POST', path: '/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay', tag, scopes },
  operationId: 'replayWebhookDelivery',
  summary: 'Send an event again',
  description: 'With the same `webhook-id` and body, from the first attempt on. What waits is left as it is.',
  audit: 'webhook.replay',
  pathSchema: deliveryPath,
  ...pathAlone,
  replies: { 202: { description: 'It is sent', schema: deliveryView, example: asked } },
  problems: [...deliveryProblems, 'webhook-disabled'],
  async permit({ path: { webhookId, deliveryId }, caller }, { deliveries }) {
    await deliveries.require(caller, webhookId, deliveryId);
  },
  async handle({ path: { webhookId, deliveryId }, caller }, { deliveries }) {
    return { status: 202, body: deliveryViewOf(await deliveries.replay(caller, webhookId, deliveryId)) };
  },
});

const testWebhook = route({
  ...{ method: 'POST', path: '/v1/webhooks/{webhookId}/test', operationId: 'testWebhook', tag, scopes },
  summary: 'Send an event that says nothing',
  description:
    'Of the type `webhook.test`, at once, and to a receiver that rests as well: if it takes it, what waited follows.',
  audit: 'webhook.test',
  pathSchema: webhookPath,
  ...pathAlone,
  replies: {
    202: { description: 'It is sent; the delivery tells what came of it', schema: deliveryView, example: asked },
  },
  problems: ['webhook-not-found', 'webhook-disabled'],
  async permit({ path: { webhookId }, caller }, { webhooks }) {
    await webhooks.require(caller, webhookId);
  },
  async handle({ path: { webhookId }, caller, operation }, { deliveries }) {
    const { operationId, startedAt } = operation;
    return { status: 202, body: deliveryViewOf(await deliveries.test(caller, webhookId, operationId, startedAt)) };
  },
});

export const webhookDeliveryRoutes: readonly SharingRoute[] = [
  listDeliveries,
  getDelivery,
  replayDelivery,
  testWebhook,
];
