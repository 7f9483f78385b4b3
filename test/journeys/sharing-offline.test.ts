import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, problem } from '#local/tour/telling.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { LossyTrips, losses } from '../support/lossy-trips.ts';
import type { SharingDriver } from '../support/sharing-driver.ts';
import { garage, type SharedCar, SharingScene } from '../support/sharing-scene.ts';
import { minute, StoryTime } from '../support/story-time.ts';

const time = new StoryTime();
let home: JourneyCloud;
let scene: SharingScene;
let pairs: readonly (readonly [SharedCar, SharingDriver])[];

beforeAll(async () => {
  home = await openCloud({ clock: time.clock, oneTime: true });
  scene = new SharingScene(home);
  await scene.setUp();
  pairs = await Promise.all(Array.from({ length: 5 }, () => Promise.all([scene.newCar(), scene.driver()])));
}, startTimeout);
afterAll(async () => {
  scene.close();
  await home.close();
});

/** A car, who has it first, and who would like it. */
function pair(place: number): readonly [car: SharedCar, driver: SharingDriver, next: SharingDriver] {
  const [one, other] = [pairs[place], pairs[(place + 1) % pairs.length]];
  if (one === undefined || other === undefined) throw new RangeError('So many cars there are not');
  return [...one, other[1]];
}

async function reviewed({ vehicleId }: SharedCar, { reservationId }: SharingDriver, reason: string): Promise<void> {
  expect(await scene.tripIs(vehicleId, reservationId, 'to-review')).toMatchObject({ reasons: [reason] });
}

function amounts(trip: unknown): Readonly<Record<string, number>> {
  const lines = at(trip, 'bill', 'lines');
  return Object.fromEntries((Array.isArray(lines) ? lines : []).map((line) => [at(line, 'item'), at(line, 'amount')]));
}

test('wherever a car loses its network on a trip, and whichever answer, the trip, the bill and the state are the same', async () => {
  const story = new LossyTrips(scene, time);
  const outcomes: (readonly [string, unknown])[] = [];
  for (let first = 0; first < losses.length; first += pairs.length) {
    const told = losses.slice(first, first + pairs.length).flatMap((loss, place) => {
      const [car, driver] = pair(place);
      return [{ loss, car, driver }];
    });
    outcomes.push(...(await story.tell(told)));
  }
  const [, without] = outcomes[0] ?? [];
  expect(without).toMatchObject({ payment: { status: 'paid', owed: 0 }, meters: 5_100, debt: 0 });
  expect(at(without, 'moves')).toEqual([
    ...['reservation_start', 'reservation_stop', 'trip_start', 'trip_stop', 'trip_resume', 'trip_stop', 'trip_end'],
  ]);
  expect(outcomes).toEqual(losses.map(({ name }) => [name, without]));
}, 120_000);

test('who holds on longer opens the car with the key of before and with the next one', async () => {
  const [car, ada] = pair(0);
  await ada.has(car.vehicleId);
  expect(await ada.asks('extend')).toMatchObject({ status: 200 });
  await ada.does(car, 'start', 'pause');
  expect(await ada.key()).toMatchObject({ status: 201 });
  await ada.does(car, 'resume', 'end');
  await ada.tripIs('settled');
});

test('a car is nobody else’s before a cancelled key is void, and what was driven with it is looked at', async () => {
  const [car, ada, bob] = pair(1);
  await ada.has(car.vehicleId);
  await car.tunnel.enter();
  await ada.does(car, 'start');
  // On another phone, while nobody hears of the car.
  expect(await ada.asks('cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(problem(await bob.hold(car.vehicleId))).toBe('vehicle-key-not-void');
  car.tunnel.leave();
  await reviewed(car, ada, 'stale-fence');
  // Her key is over by now, but she drives.
  time.passes(20 * minute);
  expect(problem(await bob.hold(car.vehicleId))).toBe('vehicle-key-not-void');
  await ada.does(car, 'end');
  await scene.held(bob, car.vehicleId);
  await scene.decided(car.vehicleId, ada, 'settle');
  // What was set aside was set free when she cancelled.
  const trip = await ada.tripIs('settled');
  expect(trip).toMatchObject({ payment: { status: 'owed', owed: at(trip, 'total') } });
  expect(await ada.pays()).toMatchObject({ body: { payment: { status: 'paid', owed: 0 } } });
  await bob.asks('cancel');
});

test('who holds a car once a former key is over keeps it, whatever its log says later; the trip in it is not lost', async () => {
  const [car, ada, bob] = pair(2);
  await ada.has(car.vehicleId);
  time.passes(12 * minute);
  await car.tunnel.enter();
  await ada.does(car, 'start');
  await ada.asks('cancel');
  time.passes(3.6 * minute);
  await scene.held(bob, car.vehicleId);
  car.tunnel.leave();
  await reviewed(car, ada, 'stale-fence');
  expect((await bob.reservation()).body).toMatchObject({ status: 'held' });
  expect(await bob.key()).toMatchObject({ status: 201 });
  expect(await bob.asksVehicle(car, 'start')).toMatchObject({ kind: 'refused', reason: 'already-on-trip' });
  await ada.does(car, 'end');
  await bob.does(car, 'start', 'end');
  await scene.decided(car.vehicleId, ada, 'waive');
  expect(await ada.tripIs('settled')).toMatchObject({ payment: { status: 'none' } });
  expect(await bob.tripIs('settled')).toMatchObject({ payment: { status: 'paid' } });
});

test('a start whose log comes after the hold has ended counts from when it was; a key that expires in a pause opens still', async () => {
  const [car, ada, bob] = pair(3);
  const known = await scene.moves(car.vehicleId);
  await ada.has(car.vehicleId);
  await car.tunnel.enter();
  time.passes(10 * minute);
  const startedAt = time.now();
  await ada.does(car, 'start', 'pause');
  time.passes(6 * minute);
  await scene.inState(car.vehicleId, 'non_contactable', () => time.nudge());
  expect(problem(await bob.hold(car.vehicleId))).toMatch(/^vehicle-(out-of-contact|reserved)$/);
  time.passes(34 * minute);
  expect(problem(await bob.hold(car.vehicleId))).toMatch(/^vehicle-(out-of-contact|reserved)$/);
  await ada.does(car, 'resume');
  car.tunnel.leave();
  await scene.inState(car.vehicleId, 'on_trip');
  await ada.does(car, 'end');
  const trip = await ada.tripIs('settled');
  expect(Math.abs(Date.parse(String(at(trip, 'startedAt'))) - startedAt)).toBeLessThan(10_000);
  expect(amounts(trip)).toMatchObject({ driving: 29, pausing: expect.toSatisfy((cents: number) => cents >= 40 * 9) });
  expect((await scene.moves(car.vehicleId)).slice(known.length)).toEqual([
    ...['reservation_start', 'comms_lost', 'comms_restored', 'reservation_stop', 'trip_start', 'trip_stop'],
    ...['trip_resume', 'trip_stop', 'trip_end'],
  ]);
});

test('a silent car in a garage is found, held, opened and driven out; one whose driver never comes is free once it is heard', async () => {
  const [[car, ada], [other, bob]] = [pair(0), pair(1)];
  const both = [car, other];
  time.passes(minute);
  for (const { body } of both) body.set({ place: garage });
  await Promise.all(both.map(({ vehicleId }) => scene.found(vehicleId, true, garage, () => time.nudge())));
  const known = await Promise.all(both.map(({ vehicleId }) => scene.moves(vehicleId)));
  await Promise.all(both.map(({ tunnel }) => tunnel.enter()));
  await Promise.all(both.map(({ vehicleId }) => scene.isGone(vehicleId)));
  time.passes(6 * minute);
  await Promise.all(both.map(({ vehicleId }) => scene.inState(vehicleId, 'non_contactable', () => time.nudge())));
  await Promise.all([scene.held(ada, car.vehicleId), scene.held(bob, other.vehicleId)]);
  await Promise.all([ada.key(), bob.key()]);
  await ada.does(car, 'start');
  time.passes(40 * minute);
  // A key is out and nobody hears of the car: it is released by nobody but its driver.
  expect((await bob.reservation()).body).toMatchObject({ status: 'expired' });
  expect(problem(await pair(2)[1].hold(other.vehicleId))).toBe('vehicle-out-of-contact');
  for (const { tunnel } of both) tunnel.leave();
  await scene.inState(car.vehicleId, 'on_trip', () => time.nudge());
  await scene.inState(other.vehicleId, 'available', () => time.nudge(4 * minute));
  await ada.does(car, 'end');
  await Promise.all([ada.tripIs('settled'), bob.tripIs('expired')]);
  const [driven, left] = await Promise.all(both.map(({ vehicleId }) => scene.moves(vehicleId)));
  expect(driven?.slice(known[0]?.length)).toEqual([
    ...['comms_lost', 'comms_restored', 'reservation_start', 'reservation_stop', 'trip_start', 'trip_stop', 'trip_end'],
  ]);
  expect(left?.slice(known[1]?.length)).toEqual([
    ...['comms_lost', 'comms_restored', 'reservation_start', 'provider_cancellation (hold_expired)'],
  ]);
  await scene.held(bob, other.vehicleId);
  await bob.asks('cancel');
}, 120_000);
