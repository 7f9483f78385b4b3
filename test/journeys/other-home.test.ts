import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factory } from '#device-sdk/examples/azure-factory.ts';
import { ProvisioningRefused } from '#device-sdk/questions.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { homeCloudContract } from '../contract/home-cloud.ts';
import { vehicleCloudContract } from '../contract/vehicle-cloud.ts';
import { firstDeviceCloud, otherDeviceCloud } from '../support/device-clouds.ts';
import { audi, fleetOfTwoHomes } from '../support/fleet-of-two-homes.ts';
import { firstHomeScene, otherHomeScene } from '../support/home-clouds.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { throttledHome } from '../support/throttled-home.ts';

const ecus = [{ ecuId: 'gateway', hardwareId: 'MIB3', softwareVersion: '2.1.0', releaseCounter: 4 }];

let home: JourneyCloud;
let vehicleId: string;
let vehicle: Vehicle;
/** The doors take their time. */
let unlock = () => {};
const unlocked = new Promise<undefined>((resolve) => {
  unlock = () => resolve(undefined);
});

beforeAll(async () => {
  home = await openCloud();
  vehicleId = await home.journey.registered(audi);
  vehicle = home.journey.vehicle(audi.vin, {
    ...factory(home.cloud.file, vehicleId),
    inventory: { softwareVersion: '2.1.0', ecus },
  });
  vehicle.twin('climate').onDesired(async (desired) => desired);
  vehicle.commands.handle('doors.lock', () => undefined);
  vehicle.commands.handle('doors.unlock', () => unlocked);
  await vehicle.connect();
}, startTimeout);
afterAll(() => home.close());

function lastKnown(path: string, value: unknown) {
  const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`);
  return eventually(`${path} ${value}`, ask, ({ body }) => at(body, 'signals', path, 'value') === value, 30_000);
}

describe('a vehicle of another home', () => {
  test('is active as soon as its home has told of its first connection, and its software is known', async () => {
    await home.journey.active(vehicleId, 30_000);
    const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
    await eventually('its software', ask, ({ body }) => at(body, 'softwareVersion') === '2.1.0');
    expect(home.cloud.azure?.hub.twins.get(vehicleId).tags).toMatchObject({
      ...{ vehicleId, brand: 'audi', market: 'DE' },
      home: { name: 'vw-weu', epoch: 0 },
    });
  });

  test('is heard as every other, and once, where its posts come twice or their answers are lost', async () => {
    const { faults } = home.cloud;
    const placed = { hop: 'http', label: 'POST /v1/device-events/{home}', times: 1 } as const;
    faults.plan({ kind: 'duplicate', ...placed });
    faults.plan({ kind: 'cut', when: 'after', ...placed });
    vehicle.telemetry.record('Vehicle.Speed', 87);
    await lastKnown('Vehicle.Speed', 87);
    const befallen = () => faults.disturbances.map(({ kind }) => kind);
    await eventually('both faults', befallen, (kinds) => kinds.join() === 'duplicate,cut');
    await eventually(
      'the end of its feed',
      () => home.cloud.azure?.functions?.behind,
      (behind) => behind === 0,
    );
    const history = `/v1/vehicles/${vehicleId}/telemetry/history?signal=Vehicle.Speed&from=2020-01-01T00:00:00Z`;
    const { body } = await home.journey.operator.get(history);
    expect(body).toMatchObject({ readings: [{ value: 87 }] });
  });

  test('is told what it should be, and says what it is, as every other', async () => {
    const path = `/v1/vehicles/${vehicleId}/twins/climate`;
    const changed = await home.journey.operator.patch(path, { desired: { targetTemperature: 21 } });
    expect(changed).toMatchObject({ status: 200, body: { desired: { targetTemperature: 21 } } });
    const ask = () => home.journey.operator.get(path);
    const { body } = await eventually('convergence', ask, (answer) => at(answer.body, 'converged') === true, 20_000);
    expect(body).toMatchObject({ desired: { targetTemperature: 21 }, reported: { targetTemperature: 21 }, delta: {} });
    const unacceptable = await home.journey.operator.patch(path, { desired: { 'seat.left': 3 } });
    expect(unacceptable).toMatchObject({ status: 400, body: { errors: [{ pointer: '/desired/seat.left' }] } });
  });

  test('does what it is told; who does not wait for its answer is not kept waiting', async () => {
    const { operator } = home.journey;
    const path = `/v1/vehicles/${vehicleId}/commands`;
    const awaited = await operator.post(path, { name: 'doors.lock' }, { prefer: 'wait=10' });
    expect(awaited).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    const told = await operator.post(path, { name: 'doors.unlock' });
    expect(told).toMatchObject({ status: 202, body: { status: 'sent' } });
    unlock();
    const ask = () => operator.get(`${path}/${at(told.body, 'commandId')}`);
    await eventually('its outcome', ask, ({ body }) => at(body, 'status') === 'succeeded');
  });

  test('shows a code that it asked for: what nobody waits for is told to its home', async () => {
    const { code } = await vehicle.ownership.showCode();
    expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  });

  test('is not asked for what its home does not do', async () => {
    const answer = await home.journey.operator.post(`/v1/vehicles/${vehicleId}/certificate-rotation`, undefined);
    expect(answer).toMatchObject({ status: 409, body: { title: expect.any(String) } });
    expect(at(answer.body, 'type')).toContain('rotation-not-offered');
  });

  test('is cut off by the status of its identity, and let in again', async () => {
    const status = () => home.cloud.azure?.hub.identities.find(vehicleId)?.status;
    expect((await home.journey.operator.post(`/v1/vehicles/${vehicleId}/suspend`, undefined)).status).toBe(200);
    await eventually('it is shut out', status, (seen) => seen === 'disabled', 20_000);
    expect((await home.journey.operator.post(`/v1/vehicles/${vehicleId}/reactivate`, undefined)).status).toBe(200);
    await eventually('it is let in', status, (seen) => seen === 'enabled', 20_000);
    const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
    await eventually('online', ask, ({ body }) => at(body, 'connection', 'connected') === true, 60_000);
  });

  test('is offline when its home says that its line is gone', async () => {
    await vehicle.close();
    const ask = () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`);
    await eventually('offline', ask, ({ body }) => at(body, 'connection', 'connected') === false, 30_000);
  });
});

describe('a vehicle of another home that is retired and erased', () => {
  test('leaves nothing there', async () => {
    const id = await home.journey.registered({ ...audi, vin: 'WAUZZZGE1LB000002' });
    const leaving = home.journey.vehicle('WAUZZZGE1LB000002', factory(home.cloud.file, id), 'leaving');
    await leaving.connect();
    await home.journey.active(id, 30_000);
    await leaving.close();
    const { operator } = home.journey;
    expect((await operator.post(`/v1/vehicles/${id}/retire`, undefined)).status).toBe(200);
    expect((await operator.post(`/v1/vehicles/${id}/erasure`, { reason: 'scrapped' })).status).toBe(202);
    const identity = () => home.cloud.azure?.hub.identities.find(id);
    await eventually('its identity to be gone', identity, (found) => found === undefined, 30_000);
  });
});

fleetOfTwoHomes(() => home);

describe('a device of the plant that nobody expects there', () => {
  test('gets no hub, and no reservation: a vehicle of another home, and one that there is not', async () => {
    const expected = await home.journey.registered(golf);
    const straying = home.journey.vehicle(golf.vin, factory(home.cloud.file, expected), 'straying');
    await expect(straying.provision()).rejects.toThrow(ProvisioningRefused);
    const nobody = home.journey.vehicle('WAUZZZGE1LB000009', factory(home.cloud.file, vehicleId), 'nobody');
    await expect(nobody.provision()).rejects.toThrow(ProvisioningRefused);
    expect((await home.journey.operator.get(`/v1/vehicles/${expected}`)).body).toMatchObject({ status: 'expected' });
    expect(home.cloud.azure?.hub.identities.find(expected)).toBeUndefined();
  });
});

vehicleCloudContract('AWS IoT', () => firstDeviceCloud(home));
vehicleCloudContract('an IoT Hub', () => otherDeviceCloud(home));

homeCloudContract('AWS IoT', async () => ({ here: firstHomeScene(home), elsewhere: otherHomeScene(home) }));
homeCloudContract('an IoT Hub', async () => ({ here: otherHomeScene(home), elsewhere: firstHomeScene(home) }));
// The last: an hour later tokens are over, and cars have fallen silent.
throttledHome(() => home);
