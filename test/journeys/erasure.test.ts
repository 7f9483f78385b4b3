import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoOwnershipRepository } from '#functions/adapters/dynamo/ownership.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import { claimed } from '#shared/ownership/ownership.ts';
import { brandsOf } from '#shared/registry/brand.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';
import { administrator, tablesAsText } from '../support/aws-clients.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const minute = 60_000;
const reason = { reason: 'Request of the owner' };
let scene: JourneyCloud;

// Each story has a cloud of its own, because it moves the time by an hour.
beforeEach(async () => {
  scene = await openCloud();
}, startTimeout);
afterEach(() => scene.close());

/** On the road: it has reported where it is, has a twin, got a command. */
async function aLivelyVehicle(vin: string): Promise<string> {
  const { journey } = scene;
  const vehicleId = await journey.registered({ ...golf, vin });
  const vehicle = journey.vehicle(vin, {
    inventory: {
      softwareVersion: '5.4.1',
      ecus: [{ ecuId: 'g', hardwareId: 'h', softwareVersion: '5.4.1', releaseCounter: 1 }],
    },
  });
  vehicle.commands.handle('doors.unlock', async () => undefined);
  await vehicle.connect();
  vehicle.telemetry.record('Vehicle.CurrentLocation.Latitude', 52.4321);
  await vehicle.telemetry.flush();
  await eventually(
    'the place of the vehicle',
    () => journey.operator.get(`/v1/vehicles/${vehicleId}/telemetry`),
    ({ body }) => JSON.stringify(body).includes('52.43'),
  );
  await journey.operator.patch(`/v1/vehicles/${vehicleId}/twins/climate`, { desired: { targetTemperature: 21 } });
  await journey.operator.post(`/v1/vehicles/${vehicleId}/commands`, { name: 'doors.unlock' }, { prefer: 'wait=10' });
  await vehicle.close();
  return vehicleId;
}

/** With a token of the present hour. */
function operatorNow(): ApiClient {
  return new ApiClient(scene.cloud.file, 'operator');
}

async function status(erasureId: unknown): Promise<unknown> {
  return at((await operatorNow().get(`/v1/erasures/${erasureId}`)).body, 'status');
}

const proofs = z.object({
  proof: z.object({ erased: z.array(z.object({ category: z.string(), count: z.number(), late: z.number() })) }),
});

/** By what it is, wherever it was: in the table, in the device cloud, in each home. */
function countsOf(erased: ReturnType<typeof erasedIn>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { category, count } of erased) counts[category] = (counts[category] ?? 0) + count;
  return counts;
}

function erasedIn(body: unknown) {
  return proofs.parse(body).proof.erased;
}

test('a vehicle is erased whole, and the proof says what went and what is kept', async () => {
  const vin = 'WVWZZZE1ZMP007001';
  const vehicleId = await aLivelyVehicle(vin);
  const { operator } = scene.journey;
  const active = await operator.post(`/v1/vehicles/${vehicleId}/erasure`, reason);
  expect(active).toMatchObject({ status: 409, body: { type: '/docs#problem-vehicle-not-retired' } });
  await operator.post(`/v1/vehicles/${vehicleId}/retire`, undefined);
  const asked = await operator.post(`/v1/vehicles/${vehicleId}/erasure`, reason);
  expect(asked.status).toBe(202);
  const erasureId = at(asked.body, 'erasureId');
  await eventually(
    'the first sweep to end',
    () => status(erasureId),
    (is) => is === 'verifying',
    30_000,
  );
  scene.cloud.clock.runAhead(16 * minute);
  await eventually(
    'the proof',
    () => status(erasureId),
    (is) => is === 'done',
    30_000,
  );

  const { body } = await operator.get(`/v1/erasures/${erasureId}`);
  const erased = countsOf(erasedIn(body));
  expect(erasedIn(body).filter(({ late }) => late > 0)).toEqual([]);
  expect(erased).toMatchObject({ registration: 2, commands: 1, 'device-access': 2 });
  expect(erased['telemetry']).toBeGreaterThanOrEqual(1);
  expect(erased['presence-and-inventory']).toBe(2);
  expect(erased['twins']).toBeGreaterThanOrEqual(1);
  expect(JSON.stringify(at(body, 'proof'))).not.toContain(vehicleId);

  const left = await tablesAsText(scene.cloud);
  for (const [name, text] of Object.entries(left)) expect(text, name).not.toContain(vin);
  for (const name of ['Commands', 'Ownership']) expect(left[name], name).not.toContain(vehicleId);
  const iot = new IoTClient(administrator(scene.cloud.file));
  await expect(iot.send(new DescribeThingCommand({ thingName: vehicleId }))).rejects.toThrow(/not/i);
  iot.destroy();
  expect(scene.log.filter((line) => line.includes(vin))).toEqual([]);

  const gone = await operator.get(`/v1/vehicles/${vehicleId}`);
  expect(gone).toMatchObject({ status: 404, body: { type: '/docs#problem-vehicle-erased' } });
  expect(at(gone.body, 'resolution')).toContain(String(erasureId));
  const again = await operator.post(`/v1/vehicles/${vehicleId}/erasure`, reason);
  expect(again).toMatchObject({ status: 200, body: { erasureId, status: 'done' } });
  const foreign = await scene.journey.reader.get(`/v1/erasures/${erasureId}`);
  expect(foreign.status).toBe(403);
  const audit = JSON.stringify((await operator.get(`/v1/audit?vehicleId=${vehicleId}&limit=100`)).body);
  for (const action of ['vehicle.erase', 'vehicle.erased', 'certificate.revoked', 'command.succeeded']) {
    expect(audit).toContain(`"${action}"`);
  }
}, 120_000);

test('a person is erased whole, asked by themselves: ownership, positions of that time, account', async () => {
  const driver = scene.journey.person('driver');
  const personId = String(at((await driver.get('/v1/me')).body, 'personId'));
  if (!isPersonId(personId)) throw new Error(personId);
  const vin = 'WVWZZZE1ZMP007002';
  const vehicleId = await owned(personId, vin);
  const { faults } = scene.cloud;
  // Whatever the worker writes fails now and then, and it is killed after some of its slices.
  faults.plan({
    kind: 'fail',
    hop: 'table',
    label: '*Tasks*:PutItem',
    error: 'InternalServerError',
    status: 500,
    times: 4,
    after: 2,
  });

  const asked = await driver.post('/v1/me/erasure', {}, { 'idempotency-key': 'erase-me' });
  expect(asked.status).toBe(202);
  const erasureId = at(asked.body, 'erasureId');
  const again = await driver.post('/v1/me/erasure', {});
  expect(again).toMatchObject({ status: 200, body: { erasureId } });
  expect((await scene.journey.person('second-driver').get('/v1/me/erasure')).status).toBe(404);
  await eventually(
    'the first sweep to end',
    () => status(erasureId),
    (is) => is === 'verifying',
    60_000,
  );
  faults.endAll();
  await expect(signIn(scene.cloud.file, 'driver')).rejects.toThrow();
  scene.cloud.clock.runAhead(66 * minute);
  await eventually(
    'the proof',
    () => status(erasureId),
    (is) => is === 'done',
    60_000,
  );

  const operator = operatorNow();
  const { body } = await operator.get(`/v1/erasures/${erasureId}`);
  const erased = Object.fromEntries(erasedIn(body).map(({ category, count }) => [category, count]));
  expect(erased).toMatchObject({ sessions: 1, account: 1, ownership: 1 });
  expect(erased['telemetry']).toBeGreaterThanOrEqual(1);
  expect(erased['last-values']).toBeGreaterThanOrEqual(1);
  const left = await tablesAsText(scene.cloud);
  for (const [name, text] of Object.entries(left)) {
    // The audit keeps the pseudonym, and the task knows whose it was.
    if (name !== 'Audit' && name !== 'Tasks') expect(text, name).not.toContain(personId);
    expect(text, name).not.toContain('"driver"');
  }
  expect(JSON.stringify(at(body, 'proof'))).not.toContain(personId);
  const telemetry = await operator.get(`/v1/vehicles/${vehicleId}/telemetry`);
  expect(JSON.stringify(telemetry.body)).not.toContain('52.43');
}, 240_000);

/** A vehicle that has reported its place while the person owned it. */
async function owned(personId: PersonId, vin: string): Promise<VehicleId> {
  const vehicleId = await scene.journey.registered({ ...golf, vin });
  if (!isVehicleId(vehicleId)) throw new Error(vehicleId);
  const table = [...scene.cloud.execution.resources.values()].find(({ logicalId }) =>
    logicalId.startsWith('Ownership'),
  );
  const client = new DynamoDBClient(administrator(scene.cloud.file));
  const [brand] = brandsOf(golf.brand);
  if (brand === undefined || table === undefined) throw new Error('There is no brand, or no table');
  const facts = { vehicleId, brand, personId, changeId: 'change-1', codeRevision: 1 };
  const step = claimed(undefined, facts, scene.cloud.clock.now() - minute);
  const { codeRevision: _, ...change } = step?.change ?? { codeRevision: 0 };
  if (step === undefined || !('changeId' in change)) throw new Error('A claim is a change');
  await new DynamoOwnershipRepository(documentClient(client), table.ref).save({ ...step, change });
  client.destroy();
  await aLivelyVehicle(vin);
  return vehicleId;
}
