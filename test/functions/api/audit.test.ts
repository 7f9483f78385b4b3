import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '#functions/api/routes.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

interface Row {
  readonly action: string;
  readonly outcome: string;
  readonly reason?: string;
}

async function recordsOf(vehicleId: string, action?: string): Promise<readonly Row[]> {
  const { json } = await api.call('GET', `/v1/audit?vehicleId=${vehicleId}&limit=100`);
  return json.items.filter((record: Row) => action === undefined || record.action === action);
}

test('every route that changes something has a name in the audit, and of those that read the evidence, and a PIN', () => {
  const changing = routes.filter(({ method, isOwnRecord }) => method !== 'GET' && !isOwnRecord);
  for (const { method, path, audit } of changing) {
    expect(audit, `${method} ${path}`).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
  }
  // A hold stands in the vehicle's and the person's items; an offer holds nothing, and is kept with who asked for it.
  expect(routes.filter(({ isOwnRecord }) => isOwnRecord).map(({ operationId }) => operationId)).toEqual([
    ...['holdVehicle', 'tompSearchOffers'],
  ]);
  const reading = routes.filter(({ method, audit }) => method === 'GET' && audit !== undefined);
  expect(reading.map(({ audit }) => audit)).toEqual(['evidence.export', 'evidence.read', 'sharing-card.show']);
});

test('a change stands in the audit as asked and as done, with who, why and by which request', async () => {
  const vehicleId = await anActiveVehicle(api);
  const headers = { 'x-reason': 'Reported stolen, case 4711' };
  await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`, { headers });
  const common = {
    subject: { kind: 'vehicle', id: vehicleId },
    actor: { kind: 'client', id: 'operator' },
    requestId: 'request-1',
    reason: 'Reported stolen, case 4711',
  };
  const records = await recordsOf(vehicleId, 'vehicle.suspend');
  expect(records).toHaveLength(2);
  expect(records).toContainEqual(expect.objectContaining({ ...common, outcome: 'asked' }));
  expect(records).toContainEqual(expect.objectContaining({ ...common, outcome: 'done', status: 200 }));
});

test('the registration stands with the vehicle that it made', async () => {
  const vehicleId = await anActiveVehicle(api);
  const outcomes = (await recordsOf(vehicleId, 'vehicle.register')).map(({ outcome }) => outcome);
  expect(outcomes.sort()).toEqual(['asked', 'done']);
});

test('a refusal stands there with its problem', async () => {
  const vehicleId = await anActiveVehicle(api);
  await api.call('POST', `/v1/vehicles/${vehicleId}/retire`);
  await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`);
  expect(await recordsOf(vehicleId, 'vehicle.suspend')).toContainEqual(
    expect.objectContaining({ outcome: 'refused', problem: 'vehicle-retired' }),
  );
});

test('a repeated request is no second action', async () => {
  const vehicleId = await anActiveVehicle(api);
  const headers = { 'idempotency-key': 'suspend-once' };
  for (const _ of [1, 2, 3]) await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`, { headers });
  expect(await recordsOf(vehicleId, 'vehicle.suspend')).toHaveLength(2);
});

test('nothing happens that cannot be written down', async () => {
  const vehicleId = await anActiveVehicle(api);
  const { append } = api.auditTrail;
  api.auditTrail.append = () => Promise.reject(new Error('the table is gone'));
  const refused = await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`);
  api.auditTrail.append = append;
  expect(refused.status).toBe(503);
  expect(refused.json.type).toContain('audit-unavailable');
  const { json } = await api.call('GET', `/v1/vehicles/${vehicleId}`);
  expect(json.status).toBe('active');
});

test('an outcome that cannot be written down takes nothing back: the answer goes out, the log says it', async () => {
  const vehicleId = await anActiveVehicle(api);
  const { append } = api.auditTrail;
  api.auditTrail.append = (records) =>
    records[0]?.outcome === 'asked' ? append(records) : Promise.reject(new Error('the table is gone'));
  const { status } = await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`);
  api.auditTrail.append = append;
  expect(status).toBe(200);
  expect(api.lines).toContainEqual(expect.objectContaining({ problem: 'audit-incomplete', vehicleId }));
});

test.each([
  ['', 'empty'],
  ['x'.repeat(257), 'too long'],
  ['because of WVWZZZE1ZMP000123', 'a VIN'],
  ['ask jane@example.com', 'an address'],
])('the reason "%s" is refused: %s', async (reason) => {
  const vehicleId = await anActiveVehicle(api);
  const { status, json } = await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`, {
    headers: { 'x-reason': reason },
  });
  expect(status).toBe(400);
  expect(json.errors[0].pointer).toBe('X-Reason');
  expect(await recordsOf(vehicleId, 'vehicle.suspend')).toEqual([]);
});

test('who acts for one brand reads of no other, and of no person', async () => {
  const vehicleId = await anActiveVehicle(api, 'peugeot');
  const asReader = { client: 'reader', scopes: ['read_audit'] } as const;
  const foreign = await api.call('GET', `/v1/audit?vehicleId=${vehicleId}`, asReader);
  expect(foreign.status).toBe(404);
  const person = '/v1/audit?personId=6f2d6b0e-96a7-4b61-9f6c-3a1f4c0d2b11';
  expect((await api.call('GET', person, asReader)).status).toBe(403);
  expect((await api.call('GET', '/v1/audit', asReader)).status).toBe(403);
  expect((await api.call('GET', person)).json).toEqual({ items: [] });
  const both = await api.call('GET', `${person}&vehicleId=${vehicleId}`);
  expect(both.status).toBe(400);
});

test('records come the newest first, page by page, within the time that is asked for', async () => {
  const vehicleId = await anActiveVehicle(api);
  const begun = api.time.now;
  for (const verb of ['suspend', 'reactivate', 'suspend', 'reactivate']) {
    api.time.now += 1000;
    await api.call('POST', `/v1/vehicles/${vehicleId}/${verb}`);
  }
  const path = `/v1/audit?vehicleId=${vehicleId}&from=${new Date(begun + 1000).toISOString()}&to=${new Date(begun + 4000).toISOString()}&limit=2`;
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { json } = await api.call('GET', cursor === undefined ? path : `${path}&cursor=${cursor}`);
    seen.push(...json.items.map((record: { at: string }) => record.at));
    cursor = json.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toHaveLength(6);
  expect(seen).toEqual(seen.toSorted().reverse());
});
