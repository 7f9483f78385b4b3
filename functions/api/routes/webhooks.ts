import * as z from 'zod/mini';
import type { WithSecret } from '#shared/webhooks/webhook-service.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { requireKnownBrand } from '../known-brand.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { pageQuery } from './sharing-setup-view.ts';
import {
  tag,
  viewOf,
  webhookChanges,
  webhookExamples,
  webhookOrder,
  webhookPath,
  webhookView,
  webhookWithSecret,
} from './webhook-view.ts';

const scopes = ['manage_webhooks'] as const;
const example = webhookExamples.webhook;
const withSecret = { ...example, secretText: webhookExamples.secretText };
const rights = ['scope-missing', 'operator-not-found', 'brand-not-allowed', 'unknown-brand'] as const;
const orderFaults = [...rights, 'webhook-url-refused', 'webhook-subject-missing'] as const;

function secretViewOf({ webhook, secret }: WithSecret) {
  return { ...viewOf(webhook), secretText: secret };
}

const createWebhook = route({
  ...{ method: 'POST', path: '/v1/webhooks', operationId: 'createWebhook', tag, scopes },
  summary: 'Be told of events',
  description:
    'Each event is POSTed as Standard Webhooks says, signed with the secret that this answer shows once. Reading the events has its own scope: `read_sharing` for `sharing.…`, `read_vehicles` for `vehicle.…`.',
  audit: 'webhook.create',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: webhookOrder, mediaTypes: ['application/json'], examples: { moves: webhookExamples.order } },
  replies: { 201: { description: 'Created, with its secret', schema: webhookWithSecret, example: withSecret } },
  problems: [...orderFaults, 'webhooks-too-many'],
  async permit({ caller, before }, { webhooks }) {
    await webhooks.require(caller, webhookPath.parse(before).webhookId);
  },
  async handle({ body, caller, operation }, services) {
    if (body.brand !== undefined) requireKnownBrand(services, body.brand, '/brand');
    const created = await services.webhooks.create(caller, operation.operationId, body);
    const headers = { location: `/v1/webhooks/${created.webhook.webhookId}` };
    return { status: 201, headers, body: secretViewOf(created) };
  },
});

const listWebhooks = route({
  ...{ method: 'GET', path: '/v1/webhooks', operationId: 'listWebhooks', tag, scopes },
  summary: 'The webhooks of the client',
  pathSchema: z.object({}),
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of them', schema: pageOf(webhookView), example: { items: [example] } } },
  problems: ['bad-cursor'],
  async handle({ query: { limit, cursor }, caller }, { webhooks }) {
    const query = { webhooks: true };
    const from = decodeCursor(query, cursor);
    const { items, next } = await webhooks.list(caller, { limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

const getWebhook = route({
  ...{ method: 'GET', path: '/v1/webhooks/{webhookId}', operationId: 'getWebhook', tag, scopes },
  summary: 'A webhook and how its receiver does',
  pathSchema: webhookPath,
  ...pathAlone,
  replies: { 200: { description: 'The webhook', schema: webhookView, example } },
  problems: ['webhook-not-found'],
  async handle({ path, caller }, { webhooks }) {
    return { status: 200, body: viewOf(await webhooks.require(caller, path.webhookId)) };
  },
});

const changeWebhook = route({
  ...{ method: 'PATCH', path: '/v1/webhooks/{webhookId}', operationId: 'changeWebhook', tag, scopes },
  summary: 'Change where or what is told, or switch it off and on',
  audit: 'webhook.change',
  pathSchema: webhookPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: webhookChanges, mediaTypes: ['application/json'], examples: { on: { enabled: true } } },
  replies: { 200: { description: 'The webhook as it is now', schema: webhookView, example } },
  problems: ['webhook-not-found', ...orderFaults],
  async handle({ path, body, caller }, { webhooks }) {
    return { status: 200, body: viewOf(await webhooks.change(caller, path.webhookId, body)) };
  },
});

const deleteWebhook = route({
  ...{ method: 'DELETE', path: '/v1/webhooks/{webhookId}', operationId: 'deleteWebhook', tag, scopes },
  summary: 'Be told no more',
  description: 'What waits is given up with it, and can be looked at no more.',
  audit: 'webhook.delete',
  pathSchema: webhookPath,
  ...pathAlone,
  replies: { 200: { description: 'The webhook as it was', schema: webhookView, example } },
  problems: ['webhook-not-found'],
  async handle({ path, caller }, { webhooks }) {
    return { status: 200, body: viewOf(await webhooks.remove(caller, path.webhookId)) };
  },
});

const rotateSecret = route({
  ...{
    method: 'POST',
    path: '/v1/webhooks/{webhookId}/rotate-secret',
    operationId: 'rotateWebhookSecret',
    tag,
    scopes,
  },
  summary: 'Sign with another secret',
  description: 'For a day messages are signed with the former secret as well, both in one header.',
  audit: 'webhook.rotate-secret',
  pathSchema: webhookPath,
  ...pathAlone,
  replies: { 200: { description: 'The webhook with its new secret', schema: webhookWithSecret, example: withSecret } },
  problems: ['webhook-not-found'],
  async permit({ path, caller }, { webhooks }) {
    await webhooks.require(caller, path.webhookId);
  },
  async handle({ path, caller, operation }, { webhooks }) {
    const rotated = await webhooks.rotate(caller, path.webhookId, operation.operationId);
    return { status: 200, body: secretViewOf(rotated) };
  },
});

export const webhookRoutes: readonly SharingRoute[] = [
  ...[createWebhook, listWebhooks, getWebhook, changeWebhook, deleteWebhook, rotateSecret],
];
