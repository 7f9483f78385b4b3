import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { SimulatedCar } from '#device-sdk/ota/simulated/simulated-car.ts';
import { campaignId, hurried, offerOf, UpdateCloud } from '../ota/update-cloud.ts';
import { temporaryDirectory, until } from '../test-cloud.ts';
import { type HubCloud, openHubCloud } from './hub-cloud.ts';

let cloud: HubCloud;
let updates: UpdateCloud;
beforeAll(async () => {
  [cloud, updates] = await Promise.all([openHubCloud(), UpdateCloud.open(['gateway'])]);
});
afterAll(() => cloud.close());

/** A vehicle of the hub that has been offered an update, and has taken it. */
async function accepted() {
  const gateway = { ecuId: 'gateway', hardwareId: 'gateway-1', softwareVersion: '1.0.0', releaseCounter: 1 };
  const car = new SimulatedCar(join(temporaryDirectory(), 'car'), [gateway]);
  const { vehicleId, open } = await cloud.newVehicle({
    ...{ host: hurried, inventory: { softwareVersion: '1.0.0', ecus: [] } },
    updates: { ecus: car.ecus, body: car.body, verification: () => updates.verification() },
  });
  const vehicle = open();
  onTestFinished(() => car.close());
  await vehicle.connect();
  desireOffer(vehicleId, offerOf());
  await until(() => vehicle.updates?.available !== undefined, 'the offer');
  vehicle.updates?.accept();
  const reported = () => cloud.hub.twins.get(vehicleId).reported.value['rollouts'];
  return { vehicle, vehicleId, car, reported };
}

function desireOffer(vehicleId: string, offer: object | null): void {
  cloud.desire(vehicleId, { ota: { offer }, stamps: { ota: Date.now() } });
}

/** As the Director, who lets every update pass. */
function direct(vehicleId: string): void {
  const answered = new Set<string>();
  const stop = cloud.hub.feed.appended.add(({ deviceId, properties, body }) => {
    if (deviceId !== vehicleId || properties['channel'] !== 'updates') return;
    const { kind, requestId } = JSON.parse(body.toString());
    if (kind !== 'ask' || answered.has(requestId)) return;
    answered.add(requestId);
    const grant = updates.files.grant();
    const answer = { kind: 'metadata', requestId, director: updates.director, images: grant };
    const repository = { ...grant, baseUrl: `${grant.baseUrl}repository/` };
    const payload = { ...answer, repository };
    void cloud.hub.methods.invoke(vehicleId, {
      methodName: 'updates',
      payload,
      responseTimeout: 10,
      connectTimeout: 0,
    });
  });
  onTestFinished(() => stop());
}

test('an update is offered in the twin, released there, installed, and told as message and in the twin', async () => {
  const { vehicleId, car, reported } = await accepted();
  direct(vehicleId);
  cloud.desire(vehicleId, { rollouts: { [campaignId]: { releasedAt: 1 } } });
  await until(() => JSON.stringify(reported() ?? '').includes('succeeded'), 'the end');
  expect(reported()).toEqual({ [campaignId]: { status: 'succeeded', releasedAt: 1 } });
  expect(cloud.said(vehicleId, 'updates')).toContainEqual(
    expect.objectContaining({ kind: 'result', outcome: 'installed' }),
  );
  const { slots, running } = await car.ecu('gateway').inspect();
  expect(slots[running]).toMatchObject({ software: { softwareVersion: '2.0.0' } });
});

test('an offer that is taken back leaves the screen, and nothing was released', async () => {
  const { vehicle, vehicleId, reported } = await accepted();
  desireOffer(vehicleId, null);
  await until(() => vehicle.updates?.available === undefined, 'an empty screen');
  expect(reported()).toBeUndefined();
});
