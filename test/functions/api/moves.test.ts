import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { anUpdate } from '../../shared/ota/updates/updates.ts';
import { aBookedVehicle, anAssignment } from '../../support/booking-samples.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const move = (vehicleId: string, to = 'north') =>
  api.call('POST', `/v1/vehicles/${vehicleId}/move`, { body: { to }, headers: { 'X-Reason': 'case 7' } });
const callBack = (vehicleId: string) => api.call('DELETE', `/v1/vehicles/${vehicleId}/move`);
const seen = async (vehicleId: string) => (await api.call('GET', `/v1/vehicles/${vehicleId}`)).json;

describe('an operator has a vehicle moved', () => {
  test('it is on its way from then on, and everybody who may see it sees how far it is', async () => {
    const vehicleId = await anActiveVehicle(api);
    expect(await seen(vehicleId)).not.toHaveProperty('home');
    const { status, json } = await move(vehicleId);
    expect(status).toBe(202);
    expect(json).toMatchObject({
      home: { name: 'first', epoch: 0 },
      move: { step: 'asked', to: 'north', since: '2026-11-21T08:30:00.000Z', deadline: '2026-12-05T08:30:00.000Z' },
    });
    expect(await seen(vehicleId)).toMatchObject({ home: json.home, move: json.move });
  });

  test('asked for twice it is one, and where the vehicle is there is nothing to do', async () => {
    const vehicleId = await anActiveVehicle(api);
    const there = await move(vehicleId, 'first');
    expect([there.status, there.json.move]).toEqual([200, undefined]);
    const { json } = await move(vehicleId);
    const again = await move(vehicleId);
    expect([again.status, again.json.updatedAt]).toEqual([202, json.updatedAt]);
    const elsewhere = await move(vehicleId, 'first');
    expect([elsewhere.status, elsewhere.json.type]).toEqual([409, '/docs#problem-vehicle-moving']);
  });

  test('it is taken back as often as somebody likes, and who asked sees why', async () => {
    const vehicleId = await anActiveVehicle(api);
    expect((await callBack(vehicleId)).status).toBe(200);
    await move(vehicleId);
    for (const { status, json } of [await callBack(vehicleId), await callBack(vehicleId)]) {
      expect(status).toBe(202);
      expect(json.move).toEqual({ step: 'returning', to: 'north', since: json.updatedAt, reason: 'called-back' });
    }
  });

  test('both are put down with their reason', async () => {
    const vehicleId = await anActiveVehicle(api);
    await move(vehicleId);
    await callBack(vehicleId);
    const { json } = await api.call('GET', `/v1/audit?vehicleId=${vehicleId}`);
    const records: { action: string; reason?: string }[] = json.items;
    expect(records).toContainEqual(expect.objectContaining({ action: 'vehicle.move', reason: 'case 7' }));
    expect(records.map(({ action }) => action)).toContain('vehicle.move-callback');
  });
});

async function installing(vehicleId: VehicleId): Promise<void> {
  const consent = { by: 'operator', at: 0, from: 0, to: 0 } as const;
  const state = { status: 'working', consent, phase: 'installing', percent: 1, installingSince: 5 } as const;
  await api.campaigns.repositories.updates.add(anUpdate({ vehicleId, state }));
}

async function onTrip(vehicleId: VehicleId): Promise<void> {
  const assignment = anAssignment({ heldAt: 1, expiresAt: 2, startedAt: 2 });
  await api.sharing.bookingRepository.save({ vehicle: { next: aBookedVehicle({ vehicleId, assignment }) } });
}

async function changingItsCertificate(vehicleId: VehicleId): Promise<void> {
  const certificate = { certificateId: 'next', deviceKeySha256: 'b'.repeat(64), expiresAt: 9e12 };
  const request = { askedWith: `certificate-of-${vehicleId}`, certificate };
  const { admitted } = await api.rotations.admit(vehicleId, request);
  expect(admitted).toBe(true);
}

async function retired(vehicleId: VehicleId): Promise<void> {
  await api.call('POST', `/v1/vehicles/${vehicleId}/retire`);
}

test.each([
  ['is installing', installing, 'vehicle-installing'],
  ['is on a trip', onTrip, 'vehicle-on-trip'],
  ['is changing its certificate', changingItsCertificate, 'certificate-changing'],
  ['is retired', retired, 'vehicle-retired'],
])('a vehicle that %s stays where it is', async (_, becomes, code) => {
  const vehicleId = await anActiveVehicle(api);
  await becomes(vehicleId);
  const { status, json } = await move(vehicleId);
  expect([status, json.type]).toEqual([409, `/docs#problem-${code}`]);
  expect(json.resolution).toEqual(expect.any(String));
  expect(await seen(vehicleId)).not.toHaveProperty('move');
});

test('only who manages vehicles of the brand has them moved, to where there is something', async () => {
  const vehicleId = await anActiveVehicle(api, 'audi');
  const path = `/v1/vehicles/${vehicleId}/move`;
  const stranger = await api.call('POST', path, { body: { to: 'north' }, client: 'reader' });
  expect(stranger.status).toBe(404);
  expect((await api.call('DELETE', path, { client: 'reader' })).status).toBe(404);
  const reading = await api.call('POST', path, { body: { to: 'north' }, scopes: ['read_vehicles'] });
  expect([reading.status, reading.json.type]).toEqual([403, '/docs#problem-scope-missing']);
  const unknown = await move(vehicleId, 'south');
  expect([unknown.status, unknown.json.type, unknown.json.errors]).toEqual([
    ...[422, '/docs#problem-home-unknown'],
    [{ pointer: '/to', detail: expect.any(String) }],
  ]);
  const nowhere = await api.call('POST', path, { body: { to: 'No Where' } });
  expect([nowhere.status, nowhere.json.errors[0].pointer]).toEqual([400, '/to']);
  expect(await seen(vehicleId)).not.toHaveProperty('move');
});
