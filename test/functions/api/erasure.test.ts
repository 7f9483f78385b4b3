import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErasureId } from '#shared/erasure/erasure.ts';
import { proofOf } from '#shared/erasure/erasure-proof.ts';
import { finished } from '#shared/erasure/erasure-work.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const body = { reason: 'Request of the owner' };
const person = '6f2d6b0e-96a7-4b61-9f6c-3a1f4c0d2b11';

/** As the worker does it, where there is nothing. */
async function done(erasureId: ErasureId): Promise<void> {
  const { erasureRepository: erasures, proofs, time } = api;
  const erasure = await erasures.load(erasureId);
  if (erasure === undefined) throw new Error('It was never asked for');
  const retention = { logDays: 1, evidenceDays: 1 };
  await proofs.keep(proofOf(erasure, [], time.now, retention, () => 'a digest'));
  await erasures.save(finished(erasure), erasure.version);
}

async function aRetiredVehicle(brand?: string): Promise<string> {
  const vehicleId = await anActiveVehicle(api, brand);
  await api.call('POST', `/v1/vehicles/${vehicleId}/retire`);
  return vehicleId;
}

test('an active vehicle is not erased, and the answer says what to do', async () => {
  const vehicleId = await anActiveVehicle(api);
  const { status, json } = await api.call('POST', `/v1/vehicles/${vehicleId}/erasure`, { body });
  expect({ status, json }).toMatchObject({ status: 409, json: { type: '/docs#problem-vehicle-not-retired' } });
  expect(json.resolution).toContain('retire');
});

test('asked twice it is the same erasure, and the worker is called again', async () => {
  const vehicleId = await aRetiredVehicle();
  const first = await api.call('POST', `/v1/vehicles/${vehicleId}/erasure`, { body });
  expect(first.status).toBe(202);
  expect(first.headers.get('location')).toBe(`/v1/erasures/${first.json.erasureId}`);
  const second = await api.call('POST', `/v1/vehicles/${vehicleId}/erasure`, { body });
  expect(second).toMatchObject({ status: 200, json: first.json });
  expect(api.erasureCalls.filter((erasureId) => erasureId === first.json.erasureId)).toHaveLength(2);
});

test('ten who ask at once begin one erasure', async () => {
  const vehicleId = await aRetiredVehicle();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.call('POST', `/v1/vehicles/${vehicleId}/erasure`, { body })),
  );
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(new Set(answers.map(({ json }) => json.erasureId)).size).toBe(1);
});

test('who acts for another brand finds neither vehicle nor erasure', async () => {
  const vehicleId = await aRetiredVehicle('peugeot');
  const { json } = await api.call('POST', `/v1/vehicles/${vehicleId}/erasure`, { body });
  const asReader = { client: 'reader', scopes: ['erase_data'] } as const;
  const asked = await api.call('POST', `/v1/vehicles/${vehicleId}/erasure`, { body, ...asReader });
  expect(asked.status).toBe(404);
  expect((await api.call('GET', `/v1/erasures/${json.erasureId}`, asReader)).status).toBe(404);
});

test('a registration is not answered again once its vehicle is erased: nothing joins VIN and id any more', async () => {
  const again = () =>
    api.call('POST', '/v1/vehicles', {
      body: { vin: 'WVWZZZE1ZMP009001', brand: 'volkswagen', model: 'ID.3', market: 'DE' },
      headers: { 'idempotency-key': 'registered-once' },
    });
  const { json } = await again();
  expect((await again()).json).toEqual(json);
  const vehicle = await api.eraser.load(json.vehicleId);
  expect(vehicle && (await api.eraser.erase(vehicle, 'ers-k3vq7n2mzt5ahx6cwp4r'))).toBe(true);
  const answer = await again();
  expect([answer.status, answer.json.type]).toEqual([404, '/docs#problem-vehicle-erased']);
  expect(JSON.stringify(answer.json)).not.toContain(json.vehicleId);
});

test('a person is erased by who acts for every brand, and by nobody else', async () => {
  const path = `/v1/persons/${person}/erasure`;
  const refused = await api.call('POST', path, { body, client: 'reader', scopes: ['erase_data'] });
  expect(refused).toMatchObject({ status: 403, json: { type: '/docs#problem-every-brand-needed' } });
  const { status, json } = await api.call('POST', path, { body });
  expect({ status, kind: json.kind }).toEqual({ status: 202, kind: 'person' });
  const foreign = await api.call('GET', `/v1/erasures/${json.erasureId}`, { client: 'reader', scopes: ['erase_data'] });
  expect(foreign.status).toBe(404);
});

test('who holds or drives a shared vehicle gives it back first', async () => {
  const driver = '7f2d6b0e-96a7-4b61-9f6c-3a1f4c0d2b12';
  const path = `/v1/persons/${driver}/erasure`;
  api.sharingAccounts.set(driver, [{ operatorId: 'we-share', inUse: true }]);
  const refused = await api.call('POST', path, { body });
  expect(refused).toMatchObject({ status: 409, json: { type: '/docs#problem-shared-vehicle-in-use' } });
  api.sharingAccounts.set(driver, [{ operatorId: 'we-share', inUse: false }]);
  expect((await api.call('POST', path, { body })).status).toBe(202);
});

test('a traveller who came back is erased again, once, and the proof of the first time stays as it was', async () => {
  const traveller = '8f2d6b0e-96a7-8b61-9f6c-3a1f4c0d2b13';
  const path = `/v1/persons/${traveller}/erasure`;
  const ask = async () => (await api.call('POST', path, { body })).json;
  const first = await ask();
  await done(first.erasureId);
  const { json: proven } = await api.call('GET', `/v1/erasures/${first.erasureId}`);
  expect(proven).toMatchObject({ status: 'done', proof: { erasureId: first.erasureId } });
  // Nothing of theirs is there: asking again is asking for the proof.
  expect(await ask()).toEqual(proven);

  api.sharingAccounts.set(traveller, [{ operatorId: 'we-share', inUse: true }]);
  expect((await api.call('POST', path, { body })).json.type).toBe('/docs#problem-shared-vehicle-in-use');
  api.sharingAccounts.set(traveller, [{ operatorId: 'we-share', inUse: false }]);
  api.time.now += 60_000;
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.call('POST', path, { body })));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  const [second, ...others] = new Set(answers.map(({ json }) => json.erasureId));
  expect(others).toEqual([]);
  expect(second).not.toBe(first.erasureId);
  expect(api.erasureCalls).toContain(second);
  api.sharingAccounts.delete(traveller);
  await done(second);
  expect(await ask()).toMatchObject({ erasureId: second, status: 'done', proof: { erasureId: second } });
  expect((await api.call('GET', `/v1/erasures/${first.erasureId}`)).json).toEqual(proven);
  // What they owed then may be paid by now.
  api.time.now += 86_400_001;
  const third = await api.call('POST', path, { body });
  expect(third.status).toBe(202);
  expect([first.erasureId, second]).not.toContain(third.json.erasureId);
});

test.each([[{}], [{ reason: '' }], [{ reason: 'for jane@example.com' }], [{ reason: 'WVWZZZE1ZMP000123' }]])(
  'without a reason that names nobody it is refused: %j',
  async (wrong) => {
    const { status, json } = await api.call('POST', `/v1/persons/${person}/erasure`, { body: wrong });
    expect(status).toBe(400);
    expect(json.errors[0].pointer).toBe('/reason');
  },
);

test('the scope is needed, also for looking', async () => {
  const scopes = ['manage_vehicles', 'read_vehicles', 'read_audit'] as const;
  expect((await api.call('POST', `/v1/persons/${person}/erasure`, { body, scopes })).status).toBe(403);
  expect((await api.call('GET', '/v1/erasures/ers-k3vq7n2mzt5ahx6cwp4r', { scopes })).status).toBe(403);
});

test('an erasure that nobody asked for is not found', async () => {
  expect((await api.call('GET', '/v1/erasures/ers-k3vq7n2mzt5ahx6cwp4r')).status).toBe(404);
});
