import { beforeEach, expect, test } from 'vitest';
import { ReservationService } from '#shared/sharing/bookings/reservation-service.ts';
import { TripScene } from '../../../support/trip-scene.ts';

let scene: TripScene;
let reservations: ReservationService;

beforeEach(async () => {
  scene = await new TripScene().open();
  const { bookings: service, setup, trips, clock } = scene;
  reservations = new ReservationService({ service, setup, operators: setup, trips, clock });
});

test('whoever heard no answer cancels once more, and is told the same', async () => {
  const ada = await scene.driver();
  const reservationId = await scene.hold(ada);
  const first = await reservations.cancel(ada, reservationId);
  await scene.read();
  expect(await reservations.cancel(ada, reservationId)).toMatchObject({ reservationId, status: 'cancelled' });
  expect(first.status).toBe('cancelled');
  expect((await scene.vehicle()).state).toBe('available');
});

test('what was cancelled is not said to have expired, and is nobody else’s to cancel', async () => {
  const [ada, bob] = [await scene.driver(), await scene.driver()];
  const reservationId = await scene.hold(ada);
  await expect(reservations.cancel(bob, reservationId)).rejects.toMatchObject({ code: 'reservation-not-found' });
  await reservations.cancel(ada, reservationId);
  await scene.read();
  await expect(reservations.extend(ada, reservationId, 'once')).rejects.toMatchObject({
    code: 'reservation-not-found',
  });
});
