import { expect, test } from 'vitest';
import { ReportService } from '#shared/sharing/reports/report-service.ts';
import { reservationIdPattern } from '#shared/sharing/sharing-id.ts';
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
  return { scene, car, use, says, reports };
}

test('a car that was taken back while it is driven is nobody else’s before it says that it stands, whatever it admits then', async () => {
  const { scene, car, use, says } = await running();
  await scene.bookings.forceEnd(scene.vehicleId);
  expect(await says(1)).toBe('heard');
  scene.clock.advance(48 * 60 * minute);
  await expect(scene.hold(await scene.driver())).rejects.toThrow('refused');
  await scene.take(car.line(use, 'ended-by-operator', noon + 5 * minute));
  expect(await scene.hold(await scene.driver())).toMatch(reservationIdPattern);
});

test('a car that stands is free as soon as it says that it admits others alone', async () => {
  const { scene, says } = await running();
  await scene.bookings.forceEnd(scene.vehicleId);
  expect(await says()).toBe('heard');
  expect(await scene.hold(await scene.driver())).toMatch(reservationIdPattern);
});

test('a car with another control unit is heard again once its operator has cleared the key of the log', async () => {
  const { scene, car, use, reports } = await running();
  await scene.take(car.line(use, 'ended', noon + 2 * minute));
  const known = await scene.setup.fleetVehicle(scene.vehicleId);
  if (known === undefined) throw new Error('it is in no fleet');
  const says = () => reports.hear(scene.vehicleId, { kind: 'log-key', logKey: 'of-the-new-unit' });
  expect(await says()).toBe('other-log-key');
  const { logKey: _, ...cleared } = known;
  await scene.setup.saveVehicle({ ...cleared, version: known.version + 1 }, known);
  expect([await says(), await says()]).toEqual(['heard', 'old']);
  const driver = await scene.driver();
  const reservationId = await scene.hold(driver);
  await scene.key(driver, reservationId);
  const anew = new CarLog(scene.vehicleId);
  await scene.take(anew.line({ fence: 2, reservationId }, 'started', scene.clock.now() + minute));
  expect((await scene.bookings.vehicle(scene.vehicleId))?.state).toBe('on_trip');
});
