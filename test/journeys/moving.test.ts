import { afterAll, beforeAll, expect, test } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { writeCloudFile } from '#local/cloud-file.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { keeping, quiet } from '#shared/registry/move.ts';
import { fleetloomAt } from '../support/command-line.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';
import { callMoves, hub, MovedVehicle } from '../support/moved-vehicle.ts';
import { Drive } from '../support/moved-while-driving.ts';
import { movedWithConsent } from '../support/moved-with-consent.ts';
import { movesTakenBack } from '../support/moves-taken-back.ts';

const clock = new MovableClock();
/** The queue shows a message again after this. */
const visibility = 150_000;

let home: JourneyCloud;
let moved: MovedVehicle;

beforeAll(async () => {
  home = await openCloud({ clock });
  moved = await MovedVehicle.online(home, golf);
}, startTimeout);
afterAll(() => home.close());

test('a vehicle waits where it is while the other device cloud does not answer, and goes once it does', async () => {
  const { operator } = home.journey;
  await operator.patch(`${moved.path}/twins/climate`, { desired: { targetTemperature: 21 } });
  const outage = {
    kind: 'fail',
    hop: 'function',
    label: 'fleetloom-dev-hub-asked',
    error: 'ServiceException',
  } as const;
  const faultId = home.cloud.faults.plan(outage);
  expect(await moved.send(hub)).toMatchObject({ status: 202 });
  await eventually(
    'the outage',
    () => home.cloud.faults.disturbances.length,
    (many) => many > 0,
    30_000,
  );
  expect(await moved.flash()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  expect(await moved.step()).toBe('asked');
  home.cloud.faults.end(faultId);
  const twice = [
    home.cloud.faults.plan({ kind: 'duplicate', hop: 'queue', label: 'fleetloom-dev-vehicle-moves' }),
    home.cloud.faults.plan({ kind: 'duplicate', hop: 'function', label: 'fleetloom-dev-vehicle-moved' }),
  ];
  clock.runAhead(clock.ahead + visibility);
  await eventually(
    'its arrival',
    () => moved.seen(),
    (body) => at(body, 'home', 'name') === hub,
    60_000,
  );
  expect(moved.vehicle.home).toEqual({ name: hub, epoch: 1 });
  await moved.eventuallyIs('settled');
  // Each of its calls begins two more: no queue doubles everything for ever.
  for (const each of twice) home.cloud.faults.end(each);
}, 120_000);

test('there it does what it is told, has what was desired of it, and is not called back any more', async () => {
  expect(await moved.flash()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  expect(moved.obeyed).toHaveLength(2);
  const climate = () => home.journey.operator.get(`${moved.path}/twins/climate`);
  const { body } = await eventually('convergence', climate, (twin) => at(twin.body, 'converged') === true, 20_000);
  expect(body).toMatchObject({ desired: { targetTemperature: 21 }, reported: { targetTemperature: 21 } });
  writeCloudFile(home.stateDirectory, home.cloud.file);
  const fleetloom = (...words: string[]) =>
    fleetloomAt(home.stateDirectory, ['vehicle', 'move', moved.vehicleId, ...words]);
  const [shown, watched, back] = await Promise.all([
    fleetloom(),
    fleetloom('--to', 'vw-weu', '--watch'),
    fleetloom('--back'),
  ]);
  for (const { code, out } of [shown, watched]) expect([code, out]).toEqual([0, expect.stringContaining('in vw-weu')]);
  expect([back.code, back.err]).toEqual([3, expect.stringContaining('has arrived in vw-weu')]);
});

movesTakenBack(() => home);
movedWithConsent(() => home);

test('the former identity is shut and then removed, each in its time, whoever calls before', async () => {
  const known = () =>
    home.cloud.iot.registry.things.list().filter(({ thingName }) => thingName === moved.vehicleId).length;
  for (const version of [1, 2, 3]) await callMoves(home, { vehicleId: moved.vehicleId, version });
  expect(known()).toBe(1);
  clock.runAhead(clock.ahead + quiet);
  await moved.eventuallyIs('cleared');
  expect(known()).toBe(1);
  clock.runAhead(clock.ahead + keeping);
  // A call that was under way while time leapt has set the next one by the time before: it comes a while later.
  const leapt = performance.now();
  let leaps = 0;
  const step = () => {
    if (performance.now() - leapt > 2_000 * (leaps + 1)) {
      clock.runAhead(clock.ahead + visibility);
      leaps += 1;
    }
    return moved.step();
  };
  await eventually('it is forgotten', step, (now) => now === undefined, 60_000);
  expect(known()).toBe(0);
  expect(await moved.seen()).toMatchObject({ home: { name: hub, epoch: 1 } });
  // The leap of an hour ends every line: it finds back by itself, to where it is at home now.
  await moved.online();
}, 120_000);

test('two that are driving, one there and one back, lose no reading and do what they are told once', async () => {
  const other = await MovedVehicle.online(home, { ...golf, vin: 'WVWZZZAUZLW000013' });
  const ways = [
    { car: moved, to: 'first', drive: new Drive(home, moved) },
    { car: other, to: hub, drive: new Drive(home, other) },
  ];
  await Promise.all(ways.map(({ drive, to }) => drive.to(to)));
  for (const { drive } of ways) await drive.isInOrder();
  expect(moved.vehicle.home).toEqual({ name: 'first', epoch: 2 });
  expect(other.vehicle.home).toEqual({ name: hub, epoch: 1 });
  expect(await home.journey.operator.get(`${moved.path}/twins/climate`)).toMatchObject({
    body: { desired: { targetTemperature: 21 } },
  });
}, 180_000);
