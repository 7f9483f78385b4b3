import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ZonesOnBoard } from '#device-sdk/sharing/zones-on-board.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { MovableClock } from '#local/clock.ts';
import { planContentOf } from '#shared/sharing/prices/plan-order.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { allowed, noParking, rectangle, samplePlan, sampleSystem, sampleZones, zone } from '../support/sharing-city.ts';
import { garage, middle, SharingScene } from '../support/sharing-scene.ts';

const clock = new MovableClock();
const minute = 60_000;
let home: JourneyCloud;
let scene: SharingScene;

beforeAll(async () => {
  home = await openCloud({ clock });
  scene = new SharingScene(home);
  await scene.setUp();
}, startTimeout);
afterAll(async () => {
  scene.close();
  await home.close();
});

function passes(ms: number): void {
  clock.runAhead(clock.ahead + ms);
}

test('a car that was taken into service says how it stands, and a person near it finds it', async () => {
  const car = await scene.car();
  expect(await scene.found(car.vehicleId, true)).toMatchObject({
    ...{ type: { vehicleTypeId: 'e-golf' }, place: middle, charge: 80, price: { planId: 'by-the-minute', version: 1 } },
    walk: { meters: 0 },
  });
});

test('a car that falls silent in the open is found no more after five minutes, and again when it is back', async () => {
  const [open, parked] = await Promise.all([scene.car(), scene.car(garage)]);
  await Promise.all([open.vehicle.close(), parked.vehicle.close()]);
  await Promise.all([open, parked].map(({ vehicleId }) => scene.isGone(vehicleId)));
  passes(6 * minute);
  await Promise.all(
    [open, parked].map(({ vehicleId }) => scene.inState(vehicleId, 'non_contactable', () => passes(5 * minute))),
  );
  passes(minute);
  await scene.found(open.vehicleId, false);
  // It is where it was, it has said that no former key opens it, and nobody expects to hear of it there.
  await scene.found(parked.vehicleId, true, garage);
  await open.opened().connect();
  await scene.inState(open.vehicleId, 'available');
  passes(minute);
  await scene.found(open.vehicleId, true);
});

test('zones and prices that cannot be are refused with every fault, and change nothing', async () => {
  const path = `/v1/sharing/systems/${sampleSystem.systemId}`;
  const { operator } = home.journey;
  const before = (await operator.get(`${path}/zones`)).body;
  const [ring = []] = rectangle(13.3, 52.4, 13.5, 52.6).coordinates[0] ?? [];
  const drawn = (zoneId: string, positions: readonly (readonly number[])[]) => ({
    ...{ zoneId, name: zoneId, rules: [allowed] },
    geometry: { type: 'MultiPolygon', coordinates: [[positions]] },
  });
  const bow = [ring[0], ring[2], ring[1], ring[3], ring[0]].map((position) => position ?? []);
  const zones = [
    drawn('crossed', bow),
    drawn('open', ring.slice(0, -1)),
    drawn(
      'swapped',
      ring.map(([longitude, latitude]) => [latitude, longitude]),
    ),
    drawn(
      'elsewhere',
      ring.map(([longitude, latitude]) => [longitude, latitude + 1]),
    ),
  ];
  const refused = await operator.post(`${path}/zones`, { zones, globalRules: [noParking] });
  expect(refused).toMatchObject({ status: 400, body: { type: '/docs#problem-zone-crosses-itself' } });
  const pointers = zones.map((_, index) => ({ pointer: expect.stringContaining(`/zones/${index}/geometry`) }));
  expect(refused.body).toMatchObject({ errors: pointers });
  const plan = { ...planContentOf(samplePlan), unlockFee: -1, perMinute: 2_900, dayCap: 5 };
  const prices = await operator.post(`${path}/plans`, plan);
  expect(prices).toMatchObject({ status: 400, body: { type: '/docs#problem-price-negative' } });
  expect(prices.body).toMatchObject({ errors: [{}, { pointer: '/perMinute' }, { pointer: '/dayCap' }] });
  expect((await operator.get(`${path}/zones`)).body).toEqual(before);
});

test('a car on the road hears of other zones by itself', async () => {
  const { systemId } = sampleSystem;
  const car = await scene.car();
  const onBoard = () =>
    new ZonesOnBoard(openStorage(join(home.stateDirectory, 'vehicles', car.vin))).of(systemId)?.version;
  await expect.poll(onBoard, { timeout: 20_000 }).toBe(1);
  const fair = zone('fair', rectangle(13.4, 52.5, 13.42, 52.51), [noParking]);
  const zones = [fair, ...sampleZones.zones];
  const path = `/v1/sharing/systems/${systemId}/zones`;
  const set = await home.journey.operator.post(path, { zones, globalRules: sampleZones.globalRules, seenVersion: 1 });
  expect(set).toMatchObject({ status: 201, body: { version: 2 } });
  await expect.poll(onBoard, { timeout: 20_000 }).toBe(2);
});
