import { beforeEach, expect, test } from 'vitest';
import { ForcedEndService } from '#shared/sharing/bookings/forced-end-service.ts';
import type { Due } from '#shared/sharing/due/due.ts';
import { type ReservationId, reservationIdOf } from '#shared/sharing/sharing-id.ts';
import { RecallService } from '#shared/sharing/trips/recall-service.ts';
import { anOperationId } from '../../../contract/samples.ts';
import { CarLog, minute, TripScene } from '../../../support/trip-scene.ts';

let scene: TripScene;
let car: CarLog;
let use: { readonly fence: number; readonly reservationId: ReservationId };
let orders: ReservationId[];
let again: { readonly due: Due; readonly in: number }[];

beforeEach(async () => {
  scene = await new TripScene().open();
  car = new CarLog(scene.vehicleId);
  const ada = await scene.driver();
  const reservationId = await scene.hold(ada);
  await scene.key(ada, reservationId);
  use = { fence: 1, reservationId };
  [orders, again] = [[], []];
});

function recall() {
  const { trips, bookings, clock, vehicleId } = scene;
  const due = { call: async (one: Due, at: number, now: number) => void again.push({ due: one, in: at - now }) };
  const end = async (_: string, reservationId: ReservationId) => void orders.push(reservationId);
  return new RecallService({ trips, bookings, clock, due, orders: { end } }).recall({ vehicleId, fence: 1 });
}

async function takenBack(): Promise<void> {
  await scene.bookings.forceEnd(scene.vehicleId);
  await scene.read();
}

test('whoever takes a running trip back has the car told, again and again until it says that it has ended', async () => {
  await scene.take(car.line(use, 'started', scene.clock.now()));
  await takenBack();
  expect(scene.due).toContainEqual({ kind: 'recall', vehicleId: scene.vehicleId, fence: 1 });
  expect(await recall()).toBe('told');
  scene.clock.advance(20 * minute);
  expect(await recall()).toBe('told');
  scene.clock.advance(600 * minute);
  expect(await recall()).toBe('told');
  expect(orders).toEqual([use.reservationId, use.reservationId, use.reservationId]);
  // Soon at first, and never given up.
  expect(again.map(({ in: ms }) => ms)).toEqual([minute, 5 * minute, 15 * minute]);
  await scene.take(car.line(use, 'ended-by-operator', scene.clock.now()));
  expect(await recall()).toBe('over');
  expect(again).toHaveLength(3);
});

test('a car whose key was taken back unused is told as long as the key would open it', async () => {
  await scene.read();
  await takenBack();
  expect(await recall()).toBe('told');
  scene.clock.advance(16 * minute);
  expect(await recall()).toBe('over');
});

test('a forced end that names its use is the same again, and ends nobody’s who has got the car since', async () => {
  const { bookings, trips, clock, vehicleId } = scene;
  const forced = new ForcedEndService({ bookings, trips, clock });
  const [bob, later] = [await scene.driver(), 3 * minute];
  await scene.read();
  const first = { endedAt: clock.now(), reservationId: use.reservationId };
  expect(await forced.end(vehicleId, use.reservationId)).toEqual(first);
  clock.advance(later);
  // The stream has not told the record yet.
  expect(await forced.end(vehicleId, use.reservationId)).toEqual(first);
  await scene.read();
  await bookings.admitted(vehicleId, 2);
  const next = await scene.hold(bob);
  await scene.read();
  expect(await forced.end(vehicleId, use.reservationId)).toEqual(first);
  expect((await scene.vehicle()).assignment?.reservationId).toBe(next);
  await bookings.cancel(bob, next);
  await scene.read();
  for (const other of [next, reservationIdOf(anOperationId(), clock.now())]) {
    await expect(forced.end(vehicleId, other)).rejects.toMatchObject({ code: 'reservation-not-present' });
  }
  expect(await forced.end(vehicleId)).toEqual({ endedAt: clock.now() });
});

test('no trip is ended that nobody took back', async () => {
  await scene.take(car.line(use, 'started', scene.clock.now()));
  await scene.read();
  expect(await recall()).toBe('over');
  expect(scene.due).not.toContainEqual(expect.objectContaining({ kind: 'recall' }));
});
