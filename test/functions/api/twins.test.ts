import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aVin } from '../../contract/samples.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let vehicleId: VehicleId;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  vehicleId = await anActiveVehicle(api);
});

const get = () => api.call('GET', `/v1/vehicles/${vehicleId}/twins/climate`);
const patch = (desired: unknown, headers: Record<string, string> = {}) =>
  api.call('PATCH', `/v1/vehicles/${vehicleId}/twins/climate`, { body: { desired }, headers });

test('a twin converges when the vehicle reports what is desired, and says since when', async () => {
  const wished = new Date(api.time.now).toISOString();
  expect((await patch({ targetTemperature: 21 })).json).toEqual({
    ...{ name: 'climate', desired: { targetTemperature: 21 }, reported: {}, delta: { targetTemperature: 21 } },
    ...{ converged: false, since: wished },
  });
  api.time.now += 5000;
  api.twins.report(vehicleId, 'climate', { targetTemperature: 21, fan: 3 });
  expect((await get()).json).toMatchObject({ converged: true, delta: {}, since: new Date(api.time.now).toISOString() });
});

test('the ETag changes with what is desired, not with what is reported', async () => {
  const { headers } = await patch({ targetTemperature: 21 });
  api.twins.report(vehicleId, 'climate', { targetTemperature: 20 });
  expect((await get()).headers.get('etag')).toBe(headers.get('etag'));
  expect((await patch({ targetTemperature: 22 })).headers.get('etag')).not.toBe(headers.get('etag'));
});

test('a stale If-Match changes nothing', async () => {
  const etag = (await patch({ targetTemperature: 21 })).headers.get('etag') ?? '';
  await patch({ targetTemperature: 22 });
  const { status, json } = await patch({ targetTemperature: 23 }, { 'if-match': etag });
  expect([status, json.type]).toEqual([412, '/docs#problem-twin-changed']);
  expect((await get()).json.desired).toEqual({ targetTemperature: 22 });
});

test('a wish whose answer was lost may be sent again with the same If-Match', async () => {
  const etag = (await patch({ targetTemperature: 21, fan: 1 })).headers.get('etag') ?? '';
  const wish = { targetTemperature: 22, fan: null };
  const first = await patch(wish, { 'if-match': etag });
  const again = await patch(wish, { 'if-match': etag });
  expect([again.status, again.json, again.headers.get('etag')]).toEqual([200, first.json, first.headers.get('etag')]);
});

test('a report in between makes no If-Match stale; another wish in between does', async () => {
  const etag = (await patch({ targetTemperature: 21 })).headers.get('etag') ?? '';
  api.twins.beforeWrite = () => api.twins.report(vehicleId, 'climate', { targetTemperature: 20 });
  const first = await patch({ fan: 2 }, { 'if-match': etag });
  expect([first.status, first.json.desired]).toEqual([200, { targetTemperature: 21, fan: 2 }]);
  api.twins.beforeWrite = () => void api.twins.patchDesired(vehicleId, 'climate', { fan: 5 });
  expect((await patch({ fan: 3 }, { 'if-match': first.headers.get('etag') ?? '' })).status).toBe(412);
  expect((await get()).json.desired.fan).toBe(5);
});

test('If-Match: * asks for a twin that exists', async () => {
  expect((await patch({ fan: 1 }, { 'if-match': '*' })).status).toBe(412);
  await patch({ fan: 1 });
  expect((await patch({ fan: 2 }, { 'if-match': '*' })).status).toBe(200);
  expect((await patch({ fan: 2 }, { 'if-match': 'W/"x"' })).status).toBe(400);
});

test('null removes, and a merge patch has its own media type', async () => {
  await patch({ fan: 1, seat: { left: 2, right: 3 } });
  const headers = { 'content-type': 'application/merge-patch+json' };
  expect((await patch({ seat: { left: null } }, headers)).json.desired).toEqual({ fan: 1, seat: { right: 3 } });
  expect((await patch(null, headers)).json).toMatchObject({ desired: {}, converged: true });
});

test('what is reported cannot be written, and what has never been has no twin', async () => {
  const path = `/v1/vehicles/${vehicleId}/twins/climate`;
  const { status, json } = await api.call('PATCH', path, { body: { desired: {}, reported: { fan: 1 } } });
  expect([status, json.errors[0].pointer]).toEqual([400, '/reported']);
  expect((await get()).status).toBe(404);
  expect((await api.call('GET', `/v1/vehicles/${vehicleId}/twins/a.b`)).status).toBe(404);
});

test.each(['certificate', 'ota', 'sharing', 'rollouts', 'stamps'])(
  'through the twin %s the platform speaks alone, in whichever cloud the vehicle is at home',
  async (name) => {
    const path = `/v1/vehicles/${vehicleId}/twins/${name}`;
    const { status, json } = await api.call('PATCH', path, { body: { desired: { 'cmp-1': { releasedAt: 1 } } } });
    expect([status, json.type]).toEqual([403, expect.stringMatching(/twin-reserved$/)]);
    expect((await api.call('GET', path)).status).toBe(404);
  },
);

test('a vehicle that is retired, or has never come, has nothing to change', async () => {
  await api.call('POST', `/v1/vehicles/${vehicleId}/retire`);
  expect((await patch({ fan: 1 })).json.type).toMatch(/vehicle-retired$/);
  const body = { vin: aVin(), brand: 'audi', model: 'Q4', market: 'DE' };
  const { json } = await api.call('POST', '/v1/vehicles', { body });
  const answer = await api.call('PATCH', `/v1/vehicles/${json.vehicleId}/twins/climate`, {
    body: { desired: { fan: 1 } },
  });
  expect(answer.status).toBe(409);
});
