import { afterAll, beforeAll, expect, test } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
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
afterAll(() => home.close());

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
