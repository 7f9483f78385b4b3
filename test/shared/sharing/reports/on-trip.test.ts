import { expect, test } from 'vitest';
import { ReportService } from '#shared/sharing/reports/report-service.ts';
import { CarLog, minute, noon, TripScene } from '../../../support/trip-scene.ts';

async function running() {
  const scene = await new TripScene().open();
  const driver = await scene.driver();
  const reservationId = await scene.hold(driver);
  await scene.key(driver, reservationId);
  const [car, use] = [new CarLog(scene.vehicleId), { fence: 1, reservationId }];
  await scene.take(car.line(use, 'started', noon + minute));
  const { bookings, logs, setup } = scene;
  const unused = async () => {
    throw new Error('nobody asked');
  };
  const reports = new ReportService({
    ...{ setup, bookings, logs, charges: { judge: unused }, listings: { noteStatus: unused } },
    answers: { send: unused },
  });
  const says = (onTrip?: number) =>
    reports.hear(scene.vehicleId, {
      ...{ kind: 'admits', statementVersion: 2, minimumFence: 2, zonesVersion: 1, at: noon },
      ...(onTrip !== undefined && { onTrip }),
    });
  return { scene, car, use, says };
}

test('a car that was taken back while it is driven is nobody else’s before it says that it stands, whatever it admits then', async () => {
  const { scene, car, use, says } = await running();
  await scene.bookings.forceEnd(scene.vehicleId);
  expect(await says(1)).toBe('heard');
  scene.clock.advance(48 * 60 * minute);
  await expect(scene.hold(await scene.driver())).rejects.toThrow('refused');
  await scene.take(car.line(use, 'ended-by-operator', noon + 5 * minute));
  expect(await scene.hold(await scene.driver())).toBeDefined();
});

test('a car that stands is free as soon as it says that it admits others alone', async () => {
  const { scene, says } = await running();
  await scene.bookings.forceEnd(scene.vehicleId);
  expect(await says()).toBe('heard');
  expect(await scene.hold(await scene.driver())).toBeDefined();
});
