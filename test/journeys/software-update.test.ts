import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedCar } from '#device-sdk/ota/simulated/simulated-car.ts';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { edgeReader } from '../support/edge-reader.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { ReleaseDesk } from '../support/release-desk.ts';
import { anImage } from '../support/sample-release.ts';
import { startedCampaign } from '../support/started-campaign.ts';

const contents = { gateway: Buffer.alloc(90_000, 'gateway 2'), engine: Buffer.alloc(120_000, 'engine 2') };
const units = ['gateway', 'engine'].map((ecuId) => {
  return { ecuId, hardwareId: `${ecuId}-hw`, softwareVersion: '1.0.0', releaseCounter: 1 };
});

let home: JourneyCloud;
beforeAll(async () => {
  home = await openCloud();
}, startTimeout);
afterAll(() => home.close());

test('a car is offered a release that was signed offline, verifies it in full, installs it in all control units, and is counted', async () => {
  const { operator } = home.journey;
  const desk = new ReleaseDesk(home.cloud.file);
  const roots = await desk.open();
  const images = [anImage('gateway', contents.gateway), anImage('engine', contents.engine)];
  const releaseId = await desk.approved(images, contents);

  const vin = 'WVWZZZAUZLW000901';
  const vehicleId = await home.journey.registered({ ...golf, vin });
  const car = new SimulatedCar(join(home.stateDirectory, 'control-units'), units);
  car.body.set({ parked: true, ignitionOn: false, battery: 80, charging: false });
  const { fetch, request } = edgeReader(home.cloud.file.mqtt.caFile);
  const verification = uptane({ roots: async () => roots, primary: 'gateway', fetch });
  const vehicle = home.journey.vehicle(vin, {
    inventory: { softwareVersion: '4.0.0', ecus: units },
    updates: { ecus: car.ecus, body: car.body, verification, request },
  });
  await vehicle.provision();
  vehicle.updates?.onOffer((offer) => {
    if (offer?.state.status === 'offered') vehicle.updates?.accept();
  });
  const results: string[] = [];
  vehicle.updates?.onResult(
    (result) => void results.push(result.outcome === 'failed' ? result.detail : result.outcome),
  );
  await vehicle.connect();
  const ready = () => operator.get(`/v1/vehicles/${vehicleId}`);
  await eventually('an active vehicle', ready, ({ body }) => at(body, 'softwareVersion') === '4.0.0');

  const campaignId = await startedCampaign(home, releaseId, vehicleId);
  const counted = await eventually(
    'one installed vehicle',
    () => operator.get(`/v1/campaigns/${campaignId}/statistics`),
    ({ body }) => at(body, 'total', 'installed') === 1 || at(body, 'total', 'failed') === 1,
    60_000,
  );
  expect([results, at(counted.body, 'total', 'installed')]).toEqual([['installed'], 1]);
  for (const ecu of car.ecus) {
    const { slots, running } = await ecu.inspect();
    expect(slots[running]).toMatchObject({ software: { softwareVersion: '2.0.0', releaseCounter: 2 } });
  }
  const told = await eventually('its new software', ready, ({ body }) => at(body, 'softwareVersion') === '5.0.0');
  expect(told.status).toBe(200);
  car.close();
}, 120_000);
