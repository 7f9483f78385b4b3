import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transportOf } from '#device-sdk/examples/azure-factory.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import { MovableClock } from '#local/clock.ts';
import { writeCloudFile } from '#local/cloud-file.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { keeping, quiet } from '#shared/registry/move.ts';
import { administrator } from '../support/aws-clients.ts';
import { fleetloomAt } from '../support/command-line.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const clock = new MovableClock();
/** The queue shows a message again after this. */
const visibility = 150_000;

let home: JourneyCloud;
let vehicle: Vehicle;
let vehicleId: string;
const flashed: string[] = [];

beforeAll(async () => {
  home = await openCloud({ clock });
  vehicleId = await home.journey.registered(golf);
  vehicle = home.journey.vehicle(golf.vin, { elsewhere: [transportOf(home.cloud.file)] });
  vehicle.twin('climate').onDesired(async (desired) => desired);
  vehicle.commands.handle('horn-lights.flash', () => void flashed.push('flash'));
  await vehicle.connect();
  await home.journey.active(vehicleId, 30_000);
}, startTimeout);
afterAll(() => home.close());

const path = () => `/v1/vehicles/${vehicleId}`;
const seen = async () => (await home.journey.operator.get(path())).body;
const step = async () => at(await seen(), 'move', 'step');
const flash = () =>
  home.journey.operator.post(`${path()}/commands`, { name: 'horn-lights.flash' }, { prefer: 'wait=10' });

/** As somebody would who sends the queue what it has had before, or what nobody has sent. */
async function call(version: number): Promise<void> {
  const client = new SQSClient(administrator(home.cloud.file));
  const queue = [...home.cloud.execution.resources.values()].find(({ logicalId }) =>
    /^MovesCalls[0-9A-F]{8}$/.test(logicalId),
  );
  const MessageBody = JSON.stringify({ vehicleId, version });
  await client.send(new SendMessageCommand({ QueueUrl: queue?.ref ?? '', MessageBody }));
  client.destroy();
}

test('a vehicle waits where it is while the other device cloud does not answer, and goes once it does', async () => {
  const { operator } = home.journey;
  await operator.patch(`${path()}/twins/climate`, { desired: { targetTemperature: 21 } });
  const outage = {
    kind: 'fail',
    hop: 'function',
    label: 'fleetloom-dev-hub-asked',
    error: 'ServiceException',
  } as const;
  const faultId = home.cloud.faults.plan(outage);
  expect(await operator.post(`${path()}/move`, { to: 'vw-weu' })).toMatchObject({ status: 202 });
  await eventually(
    'the outage',
    () => home.cloud.faults.disturbances.length,
    (many) => many > 0,
    30_000,
  );
  expect(await flash()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  expect(await step()).toBe('asked');
  home.cloud.faults.end(faultId);
  home.cloud.faults.plan({ kind: 'duplicate', hop: 'queue', label: 'fleetloom-dev-vehicle-moves' });
  home.cloud.faults.plan({ kind: 'duplicate', hop: 'function', label: 'fleetloom-dev-vehicle-moved' });
  clock.runAhead(clock.ahead + visibility);
  await eventually('its arrival', seen, (body) => at(body, 'home', 'name') === 'vw-weu', 60_000);
  expect(vehicle.home).toEqual({ name: 'vw-weu', epoch: 1 });
  await eventually('settled', step, (now) => now === 'settled', 30_000);
}, 120_000);

test('there it does what it is told, has what was desired of it, and is not called back any more', async () => {
  expect(await flash()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
  expect(flashed).toHaveLength(2);
  const climate = () => home.journey.operator.get(`${path()}/twins/climate`);
  const { body } = await eventually('convergence', climate, (twin) => at(twin.body, 'converged') === true, 20_000);
  expect(body).toMatchObject({ desired: { targetTemperature: 21 }, reported: { targetTemperature: 21 } });
  writeCloudFile(home.stateDirectory, home.cloud.file);
  const fleetloom = (...words: string[]) => fleetloomAt(home.stateDirectory, ['vehicle', 'move', vehicleId, ...words]);
  const [shown, watched, back] = await Promise.all([
    fleetloom(),
    fleetloom('--to', 'vw-weu', '--watch'),
    fleetloom('--back'),
  ]);
  for (const { code, out } of [shown, watched]) expect([code, out]).toEqual([0, expect.stringContaining('in vw-weu')]);
  expect([back.code, back.err]).toEqual([3, expect.stringContaining('has arrived in vw-weu')]);
});

test('the former identity is shut and then removed, each in its time, whoever calls before', async () => {
  const known = () => home.cloud.iot.registry.things.list().filter(({ thingName }) => thingName === vehicleId).length;
  for (const version of [1, 2, 3]) await call(version);
  expect(known()).toBe(1);
  clock.runAhead(clock.ahead + quiet);
  await eventually('cleared', step, (now) => now === 'cleared', 30_000);
  expect(known()).toBe(1);
  clock.runAhead(clock.ahead + keeping);
  await eventually('the end of the move', step, (now) => now === undefined, 30_000);
  expect(known()).toBe(0);
  expect(await seen()).toMatchObject({ home: { name: 'vw-weu', epoch: 1 } });
  // The leap of an hour ends every line: it finds back by itself, to where it is at home now.
  await eventually('online', seen, (body) => at(body, 'connection', 'connected') === true, 60_000);
}, 120_000);
