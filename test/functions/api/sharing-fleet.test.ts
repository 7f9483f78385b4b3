import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planContentOf } from '#shared/sharing/prices/plan-order.ts';
import { aPersonId, aVin } from '../../contract/samples.ts';
import { anAssignment } from '../../support/booking-samples.ts';
import { samplePlan, sampleSystem, systemId } from '../../support/sharing-city.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.letIn('we-share-client', 'volkswagen');
  const operator = { operatorId: 'we-share', name: 'We Share', clientIds: ['we-share-client'], email: 'a@b.example' };
  await api.call('POST', '/v1/sharing/operators', { body: operator });
  for (const id of [berlin, hamburg]) {
    const { version: _, ...system } = { ...sampleSystem, systemId: id };
    await by('POST', '/v1/sharing/systems', system);
    await by('POST', `/v1/sharing/systems/${id}/plans`, planContentOf(samplePlan));
  }
});
afterAll(() => api.stop());

const [berlin, hamburg] = ['fleet-berlin', 'fleet-hamburg'];
const by = (method: string, path: string, body?: object, client = 'we-share-client') =>
  api.call(method, path, { client, ...(body && { body }) });
const enter = (body: object, city = berlin) => by('POST', `/v1/sharing/systems/${city}/vehicles`, body);
const at = (vehicleId: string, step = '') => `/v1/sharing/vehicles/${vehicleId}${step}`;
const out = (vehicleId: string, reason: string) => by('POST', at(vehicleId, '/out-of-service'), { reason });
const back = (vehicleId: string) => by('POST', at(vehicleId, '/into-service'));
const problem = (answer: { status: number; json: { type: string } }) => [
  answer.status,
  answer.json.type.replace('/docs#problem-', ''),
];

let plates = 0;
function aLabel(): string {
  plates += 1;
  return `B-WS ${plates}E`;
}
async function aSharedCar(label = aLabel()) {
  const vehicleId = await anActiveVehicle(api);
  const order = { vehicleId, vehicleTypeId: 'e-golf', label };
  expect((await enter(order)).status).toBe(201);
  return { vehicleId, order };
}

describe('a car', () => {
  test('of the registry comes into service, once, and is found with its state', async () => {
    const { vehicleId, order } = await aSharedCar();
    const again = await enter(order);
    expect([again.status, again.json]).toEqual([200, (await by('GET', at(vehicleId))).json]);
    expect(again.json).toMatchObject({ state: 'available', speaks: 'device', hasLogKey: false, systemId: berlin });
    const { items } = (await by('GET', `/v1/sharing/systems/${berlin}/vehicles?limit=100`)).json;
    expect(items).toContainEqual({ ...order, systemId: berlin, operatorId: 'we-share', speaks: 'device' });
    const booking = await api.sharing.bookings.vehicle(vehicleId);
    expect(booking?.moves).toMatchObject([{ event: 'service_start' }]);
  });

  test('that crashed between its two writes comes in with the same call again', async () => {
    const vehicleId = await anActiveVehicle(api);
    const order = { vehicleId, vehicleTypeId: 'e-golf', label: aLabel() };
    const id = systemId(berlin);
    const { operatorId } = { ...sampleSystem };
    await api.sharing.setup.addVehicle({ ...order, systemId: id, operatorId, speaks: 'device', version: 1 });
    expect((await by('GET', at(vehicleId))).json).toMatchObject({ state: 'non_operational' });
    const again = await enter(order);
    expect([again.status, again.json.state]).toEqual([200, 'available']);
  });

  test('of another brand, that nobody registered, that is retired, or that has an owner is not shared', async () => {
    const registered = await api.call('POST', '/v1/vehicles', {
      body: { vin: aVin(), brand: 'audi', model: 'A3', market: 'DE' },
    });
    const order = (vehicleId: string) => ({ vehicleId, vehicleTypeId: 'e-golf', label: aLabel() });
    expect(problem(await enter(order(registered.json.vehicleId)))).toEqual([404, 'vehicle-not-found']);
    expect(problem(await enter(order('veh-aaaaaaaaaaaaaaaaaaaa')))).toEqual([404, 'vehicle-not-found']);
    const old = await anActiveVehicle(api);
    await api.call('POST', `/v1/vehicles/${old}/retire`);
    expect(problem(await enter(order(old)))).toEqual([409, 'vehicle-retired']);
    const owned = await anActiveVehicle(api);
    const code = await api.ownership.shownBy(owned);
    const person = { personId: aPersonId(), username: 'driver' };
    const { vin } = (await api.call('GET', `/v1/vehicles/${owned}`)).json;
    expect((await api.call('POST', '/v1/me/vehicles', { body: { vin, code }, person })).status).toBeLessThan(300);
    expect(problem(await enter(order(owned)))).toEqual([409, 'vehicle-owned']);
    const { items } = (await by('GET', `/v1/sharing/systems/${berlin}/vehicles?limit=100`)).json;
    expect(items.map((one: { vehicleId: string }) => one.vehicleId)).not.toContain(old);
  });

  test('has a known type, a plan, and a label of its own', async () => {
    const { order } = await aSharedCar();
    const vehicleId = await anActiveVehicle(api);
    const fresh = { vehicleId, vehicleTypeId: 'e-golf', label: aLabel() };
    expect(problem(await enter({ ...fresh, vehicleTypeId: 'tank' }))).toEqual([400, 'vehicle-type-unknown']);
    expect(problem(await enter({ ...fresh, planId: 'for-nothing' }))).toEqual([400, 'plan-unknown']);
    expect(problem(await enter({ ...fresh, label: order.label.toLowerCase() }))).toEqual([409, 'label-taken']);
    const { vehicleId: _, ...nameless } = fresh;
    expect(problem(await enter(nameless))).toEqual([400, 'registration-missing']);
    expect((await by('GET', at(vehicleId))).status).toBe(404);
  });

  test('changes its label and its plan, and may bring another key after its operator took the former away', async () => {
    const { vehicleId } = await aSharedCar();
    const other = await aSharedCar();
    const label = aLabel();
    expect((await by('PATCH', at(vehicleId), { label, planId: 'by-the-minute' })).json).toMatchObject({
      ...{ label, planId: 'by-the-minute' },
    });
    expect(problem(await by('PATCH', at(vehicleId), { label: other.order.label }))).toEqual([409, 'label-taken']);
    expect(problem(await by('PATCH', at(vehicleId), { planId: 'for-nothing' }))).toEqual([400, 'plan-unknown']);
    expect((await by('PATCH', at(vehicleId), { planId: null })).json.planId).toBeUndefined();
    const known = await api.sharing.setup.fleetVehicle(vehicleId);
    if (known === undefined) throw new Error('it is shared');
    await api.sharing.setup.saveVehicle({ ...known, logKey: 'key', version: known.version + 1 }, known);
    expect((await by('GET', at(vehicleId))).json.hasLogKey).toBe(true);
    expect((await by('PATCH', at(vehicleId), { logKey: null })).json.hasLogKey).toBe(false);
  });
});

describe('out of service', () => {
  test.each([
    ['maintenance', 'non_operational', 'maintenance', ['service_end']],
    ['recovery', 'non_operational', 'recovery', ['service_end']],
    ['taken-away', 'removed', 'maintenance', ['service_end', 'maintenance_pick_up']],
    ['decommissioned', 'removed', 'decommissioned', ['service_end', 'decommissioned']],
  ])('for %s a vehicle is %s, and comes back from there', async (reason, state, outOfService) => {
    const { vehicleId, order } = await aSharedCar();
    expect((await out(vehicleId, reason)).json).toMatchObject({ state, outOfService });
    const { version } = (await api.sharing.bookings.vehicle(vehicleId)) ?? {};
    expect((await out(vehicleId, reason)).json).toMatchObject({ state, outOfService });
    // Neither that nor taking it in again changed anything.
    expect((await enter(order)).json.state).toBe(state);
    expect((await api.sharing.bookings.vehicle(vehicleId))?.version).toBe(version);
    const returned = (await back(vehicleId)).json;
    expect([returned.state, returned.outOfService]).toEqual(['available', undefined]);
    expect((await back(vehicleId)).json.state).toBe('available');
  });

  test('every reason leads to every other one, by the events of the table', async () => {
    const { vehicleId } = await aSharedCar();
    const reasons = ['maintenance', 'taken-away', 'decommissioned', 'recovery'];
    for (const from of reasons) {
      for (const to of reasons) {
        expect((await out(vehicleId, from)).status).toBe(200);
        expect((await out(vehicleId, to)).status).toBe(200);
      }
    }
    expect((await back(vehicleId)).json.state).toBe('available');
  });

  test('nothing is taken that somebody has, until their hold has expired', async () => {
    const { vehicleId } = await aSharedCar();
    const assignment = anAssignment({ expiresAt: api.time.now + 900_000 });
    await api.sharing.bookings.change(vehicleId, (vehicle) => ({
      ...{ ...vehicle, version: vehicle.version + 1, fence: 1, state: 'reserved', assignment, moves: [] },
    }));
    expect((await by('GET', at(vehicleId))).json.use).toMatchObject({
      reservationId: assignment.reservationId,
      fence: 1,
    });
    expect(JSON.stringify((await by('GET', at(vehicleId))).json)).not.toContain(assignment.personId);
    for (const reason of ['maintenance', 'decommissioned']) {
      expect(problem(await out(vehicleId, reason))).toEqual([409, 'vehicle-in-use']);
    }
    api.time.now += 1_800_000;
    expect((await out(vehicleId, 'maintenance')).json).toMatchObject({ state: 'non_operational' });
  });

  test('a decommissioned car serves another city under the same label, one in service does not', async () => {
    const { vehicleId, order } = await aSharedCar();
    expect(problem(await enter(order, hamburg))).toEqual([409, 'vehicle-shared-otherwise']);
    expect(problem(await enter({ ...order, label: aLabel() }))).toEqual([409, 'vehicle-shared-otherwise']);
    await out(vehicleId, 'decommissioned');
    const moved = await enter(order, hamburg);
    expect([moved.status, moved.json]).toMatchObject([201, { systemId: hamburg, state: 'available' }]);
    expect((await api.sharing.bookings.vehicle(vehicleId))?.systemId).toBe(hamburg);
    expect((await enter({ ...order, vehicleId: await anActiveVehicle(api) })).status).toBe(201);
  });
});

describe('a scooter without a VIN', () => {
  test('gets an id, once for each request, and speaks through its operator', async () => {
    const body = { vehicleTypeId: 'scooter', label: 'Scooter 1' };
    const headers = { 'idempotency-key': 'scooter-1' };
    const path = `/v1/sharing/systems/${berlin}/vehicles`;
    const take = () => api.call('POST', path, { body, headers, client: 'we-share-client' });
    const [one, same] = [await take(), await take()];
    expect([one.status, one.json]).toMatchObject([201, { speaks: 'operator', state: 'available' }]);
    expect(same.json.vehicleId).toBe(one.json.vehicleId);
    expect(problem(await enter(body))).toEqual([409, 'label-taken']);
  });
});

test('another operator’s vehicle does not exist', async () => {
  const { vehicleId } = await aSharedCar();
  const asReader = (method: string, step: string, body?: object) => by(method, at(vehicleId, step), body, 'reader');
  expect(problem(await asReader('GET', ''))).toEqual([404, 'shared-vehicle-not-found']);
  expect(problem(await asReader('PATCH', '', { label: 'Mine' }))).toEqual([404, 'shared-vehicle-not-found']);
  expect(problem(await asReader('POST', '/into-service'))).toEqual([404, 'shared-vehicle-not-found']);
  expect(problem(await asReader('POST', '/out-of-service', { reason: 'recovery' }))).toEqual([
    404,
    'shared-vehicle-not-found',
  ]);
  expect(problem(await by('GET', `/v1/sharing/systems/${berlin}/vehicles`, undefined, 'reader'))).toEqual([
    404,
    'system-not-found',
  ]);
});
