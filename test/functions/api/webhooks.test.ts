import { afterAll, beforeAll, expect, test } from 'vitest';
import { afterCall, dead, newDelivery } from '#shared/webhooks/delivery.ts';
import { newWebhook } from '#shared/webhooks/webhook.ts';
import { deliveryIdOf, isWebhookId, webhookIdOf } from '#shared/webhooks/webhook-id.ts';
import { mostWebhooks } from '#shared/webhooks/webhook-service.ts';
import { anOperationId } from '../../contract/samples.ts';
import { type Call, startTestApi, type TestApi } from './test-api.ts';

const order = { url: 'https://partner.example.com/hook', types: ['vehicle.retired'], brand: 'volkswagen' };
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.letIn('partner', 'volkswagen');
  api.webhooks.names.set('partner.example.com', ['8.8.8.8', '2a00:1450:4001:82b::200e']);
  api.webhooks.names.set('rebound.example.com', ['8.8.8.8', '10.0.0.7']);
});
afterAll(() => api.stop());

const by = (method: string, path: string, body?: unknown, more: Omit<Call, 'body'> = {}) =>
  api.call(method, `/v1/webhooks${path}`, { client: 'partner', ...(body !== undefined && { body }), ...more });

async function created(more: object = {}): Promise<{ webhookId: string; secretText: string }> {
  const { status, json } = await by('POST', '', { ...order, ...more });
  expect(status).toBe(201);
  return json;
}

function problem({ status, json }: { status: number; json: { type?: string } }): [number, string] {
  return [status, json.type?.replace(/^.*problem-/, '') ?? ''];
}

test('a webhook’s secret is in the answer that makes it and in none after it', async () => {
  const key = { headers: { 'idempotency-key': 'once' } };
  const first = await by('POST', '', order, key);
  expect(first.json).toMatchObject({ ...order, status: 'active', failures: 0 });
  expect(first.json.secretText).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect((await by('POST', '', order, key)).json).toEqual(first.json);
  const { json } = await by('GET', `/${first.json.webhookId}`);
  expect(JSON.stringify([json, (await by('GET', '')).json, api.lines])).not.toContain('whsec_');
});

test('another client’s webhooks do not exist for a client', async () => {
  const { webhookId } = await created();
  const foreign = { client: 'operator' };
  for (const [method, path, body] of [
    ['GET', ''],
    ['PATCH', '', { enabled: false }],
    ['DELETE', ''],
    ['POST', '/rotate-secret'],
    ['POST', '/test'],
    ['GET', '/deliveries'],
  ] as const) {
    expect(problem(await by(method, `/${webhookId}${path}`, body, foreign))).toEqual([404, 'webhook-not-found']);
  }
  expect(JSON.stringify((await by('GET', '', undefined, foreign)).json)).not.toContain(webhookId);
});

test('a client is told of nothing that it may not read', async () => {
  expect(problem(await by('POST', '', { ...order, brand: 'audi' }))).toEqual([403, 'brand-not-allowed']);
  expect(problem(await by('POST', '', { ...order, brand: 'nobody' }))).toEqual([400, 'unknown-brand']);
  const moves = { ...order, types: ['sharing.vehicle.moved'], operatorId: 'we-share' };
  const withoutSharing = { scopes: ['manage_webhooks', 'read_vehicles'] } as const;
  expect(problem(await by('POST', '', moves, withoutSharing))).toEqual([403, 'scope-missing']);
  expect(problem(await by('POST', '', moves))).toEqual([404, 'operator-not-found']);
  expect(problem(await by('POST', '', order, { scopes: ['read_vehicles'] }))).toEqual([403, 'scope-missing']);
  const { webhookId } = await created();
  const more = { types: ['vehicle.retired', 'sharing.vehicle.moved'] };
  expect(problem(await by('PATCH', `/${webhookId}`, more))).toEqual([400, 'webhook-subject-missing']);
});

test.each([
  ['http://partner.example.com/', 'is not https'],
  ['https://10.0.0.1/', 'is an address that is none of the public network'],
  ['https://[::ffff:169.254.169.254]/', 'is an address that is none of the public network'],
  ['https://127.0.0.1:8443/', 'is an address that is none of the public network'],
  ['https://localhost/', 'is a name that is none of the public network'],
  ['https://rebound.example.com/', 'leads to an address that is none of the public network'],
])('nothing is sent to %s: it %s', async (url, detail) => {
  const refused = await by('POST', '', { ...order, url });
  expect(problem(refused)).toEqual([400, 'webhook-url-refused']);
  expect(refused.json.errors).toEqual([{ pointer: '/url', detail }]);
  const { webhookId } = await created();
  expect(problem(await by('PATCH', `/${webhookId}`, { url }))).toEqual([400, 'webhook-url-refused']);
});

test.each([
  { ...order, types: [] },
  { ...order, types: ['vehicle.exploded'] },
  { ...order, types: ['vehicle.retired', 'vehicle.retired'] },
  { ...order, secret: 'mine' },
  { ...order, url: undefined },
])('an order that is none is refused by what is wrong with it: %j', async (body) => {
  expect(problem(await by('POST', '', body))[0]).toBe(400);
});

test('a rotation gives another secret once, and says until when the former one signs as well', async () => {
  const { webhookId, secretText } = await created();
  const { status, json } = await by('POST', `/${webhookId}/rotate-secret`);
  expect(status).toBe(200);
  expect(json.secretText).not.toBe(secretText);
  expect(Date.parse(json.secret.formerUntil) - Date.parse(json.secret.since)).toBe(24 * 3_600_000);
});

test('a webhook that is switched off hears nothing, is asked for nothing, and begins anew', async () => {
  const { webhookId } = await created();
  const off = await by('PATCH', `/${webhookId}`, { enabled: false });
  expect(off.json).toMatchObject({ status: 'disabled', disabled: { reason: 'asked' } });
  expect(problem(await by('POST', `/${webhookId}/test`))).toEqual([409, 'webhook-disabled']);
  const listening = async () => {
    const { items } = await api.webhooks.repository.listeners('vehicle.retired', order.brand, { limit: 100 });
    return items.some((one) => one.webhookId === webhookId);
  };
  expect(await listening()).toBe(false);
  expect((await by('PATCH', `/${webhookId}`, { enabled: true })).json).toMatchObject({ status: 'active' });
  expect(await listening()).toBe(true);
  expect((await by('DELETE', `/${webhookId}`)).json).toMatchObject({ webhookId });
  expect(await listening()).toBe(false);
  expect(problem(await by('GET', `/${webhookId}`))).toEqual([404, 'webhook-not-found']);
});

test('what is dead is listed, looked at and replayed, with the id it had; a test goes out even to who rests', async () => {
  const { webhookId } = await created();
  if (!isWebhookId(webhookId)) throw new Error('no id');
  const at = api.time.now;
  const event = { eventId: 'e-1', type: 'vehicle.retired', at, data: { vehicleId: 'veh-x' } } as const;
  const first = newDelivery(deliveryIdOf(at, Buffer.from(anOperationId())), webhookId, event, at);
  const second = afterCall(first, { kind: 'failed', reason: 'receiver-answered-page', status: 200 }, at, 0);
  await api.webhooks.deliveries.save(first, undefined);
  await api.webhooks.deliveries.save(second, first);
  await api.webhooks.deliveries.save(dead(second, 'too-old', at), second);
  expect((await by('GET', `/${webhookId}/deliveries`)).json.items).toMatchObject([
    {
      ...{ deliveryId: first.deliveryId, status: 'dead', reason: 'too-old', attempts: 1 },
      ...{ last: { result: 'receiver-answered-page', httpStatus: 200 }, data: { vehicleId: 'veh-x' } },
    },
  ]);
  const place = `/${webhookId}/deliveries/${first.deliveryId}`;
  expect((await by('POST', `${place}/replay`)).json).toMatchObject({ status: 'waiting', attempts: 0 });
  expect((await by('GET', place)).json).toMatchObject({ status: 'waiting', deliveryId: first.deliveryId });
  expect((await by('POST', `${place}/replay`)).status).toBe(202);
  const reminders = api.webhooks.reminded.filter((one) => one.webhookId === webhookId);
  expect(reminders).toMatchObject(Array(2).fill({ kind: 'repeat', attempts: 0, deliveryId: first.deliveryId }));
  const nowhere = await by('GET', `/${webhookId}/deliveries/dlv-000000000${'a'.repeat(20)}`);
  expect(problem(nowhere)).toEqual([404, 'webhook-delivery-not-found']);
  expect((await by('POST', `/${webhookId}/test`)).json).toMatchObject({ status: 'waiting', type: 'webhook.test' });
  expect(api.webhooks.reminded.at(-1)).toMatchObject({ kind: 'repeat', isProbe: true });
});

test('a client has a hundred webhooks, and no more', async () => {
  await api.letIn('busy', 'volkswagen');
  const one = () => newWebhook(webhookIdOf(anOperationId()), 'busy', { url: order.url, types: [] }, 0);
  const all = Array.from({ length: mostWebhooks }, one);
  await Promise.all(all.map((each) => api.webhooks.repository.save(each, undefined)));
  expect(problem(await by('POST', '', order, { client: 'busy' }))).toEqual([409, 'webhooks-too-many']);
});
