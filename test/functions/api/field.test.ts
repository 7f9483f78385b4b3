import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellAt } from '#shared/sharing/field/cell.ts';
import { taskIdOf } from '#shared/sharing/field/task-id.ts';
import { planContentOf } from '#shared/sharing/prices/plan-order.ts';
import { anAssignment } from '../../support/booking-samples.ts';
import { samplePlan, sampleSystem, sampleZones, systemId } from '../../support/sharing-city.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const client of ['office', 'stranger']) await api.letIn(client, 'volkswagen');
  const operator = { operatorId: 'we-share', name: 'We Share', clientIds: ['office'], email: 'a@b.example' };
  await api.call('POST', '/v1/sharing/operators', { body: operator });
  for (const id of [berlin, hamburg]) {
    const { version: _, ...system } = { ...sampleSystem, systemId: id };
    await by('POST', '/v1/sharing/systems', system);
    await by('POST', `${city(id)}/plans`, planContentOf(samplePlan));
    const { zones, globalRules } = sampleZones;
    await by('POST', `${city(id)}/zones`, { zones, globalRules });
  }
});
afterAll(() => api.stop());

const [berlin, hamburg] = ['field-berlin', 'field-hamburg'];
const city = (id = berlin) => `/v1/sharing/systems/${id}`;
const by = (method: string, path: string, body?: object, client = 'office') =>
  api.call(method, path, { client, ...(body && { body }) });
const problem = (answer: { status: number; json: { type: string } }) => [
  answer.status,
  answer.json.type.replace('/docs#problem-', ''),
];

let serial = 0;
/** A scooter that stands somewhere, as a search knows it. */
async function aScooter(longitude = 13.4, charge = 80): Promise<string> {
  serial += 1;
  const order = { vehicleTypeId: 'scooter', label: `S ${serial}` };
  const { vehicleId } = (await by('POST', `${city()}/vehicles`, order)).json;
  const { listings } = api.sharing;
  const booking = { vehicleTypeId: 'scooter', label: `S ${serial}`, state: 'available', freeFrom: 0 } as const;
  await listings.noteBooking(systemId(berlin), vehicleId, { ...booking, uses: 0, version: 1 });
  const place = { latitude: 52.52, longitude };
  await listings.noteStatus(systemId(berlin), vehicleId, { boot: 1, sequence: 1, at: 1, place, charge });
  return vehicleId;
}

async function aTask(vehicleId: string, more: object = {}): Promise<string> {
  const raised = await by('POST', `${city()}/tasks`, { vehicleId, kind: 'clean', ...more });
  expect(raised.status).toBe(201);
  return `${city()}/tasks/${raised.json.taskId}`;
}

test('what is urgent comes first, then what is near; pages go on where they ended', async () => {
  const [far, near, urgent] = [await aScooter(13.45), await aScooter(13.401), await aScooter(13.49)];
  for (const vehicleId of [far, near]) await aTask(vehicleId);
  await aTask(urgent, { priority: 1, note: 'Glass on the road' });
  const path = `${city()}/tasks?near=52.52,13.4&limit=2`;
  const first = (await by('GET', path)).json;
  const second = (await by('GET', `${path}&cursor=${first.nextCursor}`)).json;
  const items = [...first.items, ...second.items];
  expect(items.map(({ vehicleId }: { vehicleId: string }) => vehicleId)).toEqual([urgent, near, far]);
  expect(items[0]).toMatchObject({ priority: 1, note: 'Glass on the road', why: 'asked', charge: 80 });
  expect(items[1].distance).toBeLessThan(100);
  expect(problem(await by('GET', `${city()}/tasks?near=13.4`))).toEqual([400, 'invalid-parameter']);
  expect(problem(await by('GET', `${city()}/tasks?near=95,13.4`))).toEqual([400, 'invalid-parameter']);
});

test('nobody sees, takes or ends another city’s or operator’s task, nor one that another crew has', async () => {
  const task = await aTask(await aScooter());
  const elsewhere = task.replace(berlin, hamburg);
  expect(problem(await by('GET', elsewhere))).toEqual([404, 'task-not-found']);
  expect(problem(await by('POST', `${task}/take`, { crew: 'A' }, 'stranger'))).toEqual([404, 'system-not-found']);
  expect(problem(await by('POST', `${task}/done`, { crew: 'A' }))).toEqual([409, 'task-not-taken']);
  expect(problem(await by('POST', `${task}/take`, { crew: ' ' }))).toEqual([400, 'invalid-body']);
  expect((await by('POST', `${task}/take`, { crew: 'A' })).json).toMatchObject({ status: 'taken', takenBy: 'A' });
  const refused = await by('POST', `${task}/not-possible`, { crew: 'B', reason: 'Locked in' });
  expect(problem(refused)).toEqual([409, 'task-taken']);
  expect(JSON.stringify(refused.json)).not.toContain('"A"');
  const mine = await by('POST', `${task}/not-possible`, { crew: 'A', reason: 'Locked in' });
  expect(mine.json).toMatchObject({ status: 'not-possible', reason: 'Locked in' });
  const { items } = (await by('GET', `${city()}/tasks?status=not-possible`)).json;
  expect(items).toMatchObject([{ reason: 'Locked in' }]);
  expect(problem(await by('POST', `${task}/release`, { crew: 'A' }))).toEqual([409, 'task-over']);
});

test('what is done brings back a vehicle that was out of service for it, and in doubt leaves it as it is', async () => {
  const { taskDesk } = api.sharing.services;
  const out = async () => {
    const vehicleId = await aScooter();
    await by('POST', `/v1/sharing/vehicles/${vehicleId}/out-of-service`, { reason: 'maintenance' });
    return vehicleId;
  };
  const raised = async (vehicleId: string, occasion: string) => {
    const { operatorId } = sampleSystem;
    const ids = { taskId: taskIdOf(occasion, vehicleId), vehicleId, operatorId, systemId: systemId(berlin) };
    await taskDesk.raise({ ...ids, kind: 'service', why: 'maintenance', bringsBack: 'maintenance' });
    const path = `${city()}/tasks/${ids.taskId}`;
    await by('POST', `${path}/take`, { crew: 'A' });
    return path;
  };
  const state = async (vehicleId: string) => (await by('GET', `/v1/sharing/vehicles/${vehicleId}`)).json.state;
  const done = (path: string) => by('POST', `${path}/done`, { crew: 'A' });

  const plain = await out();
  const first = await raised(plain, 'one');
  expect([(await done(first)).json.status, await state(plain)]).toEqual(['done', 'available']);
  // Said again: nothing more is done, and nobody is refused.
  expect((await done(first)).status).toBe(200);

  const twice = await out();
  const [brakes, lights] = [await raised(twice, 'brakes'), await raised(twice, 'lights')];
  expect([(await done(brakes)).json.status, await state(twice)]).toEqual(['done', 'non_operational']);
  expect([(await done(lights)).json.status, await state(twice)]).toEqual(['done', 'available']);

  const other = await aScooter();
  const mine = await raised(other, 'one');
  await api.sharing.bookings.chargeLow(other);
  expect([(await done(mine)).json.status, await state(other)]).toEqual(['done', 'non_operational']);
});

test('a vehicle that somebody has, or that may not be left there, is brought nowhere', async () => {
  const vehicleId = await aScooter();
  const cell = cellAt({ latitude: 52.5, longitude: 13.3 });
  const order = { vehicleId, cell };
  expect(problem(await by('POST', `${city(hamburg)}/relocations`, order))).toEqual([409, 'relocation-not-possible']);
  const park = { ...order, cell: cellAt({ latitude: 52.515, longitude: 13.36 }) };
  expect(problem(await by('POST', `${city()}/relocations`, park))).toEqual([409, 'relocation-not-possible']);
  expect((await by('POST', `${city()}/relocations`, order)).json).toMatchObject({ kind: 'move', why: 'relocation' });
  const { bookingRepository, bookings } = api.sharing;
  const seen = await bookings.vehicle(vehicleId);
  if (seen === undefined) throw new Error('no booking');
  const held = { ...seen, state: 'reserved' as const, assignment: anAssignment(), version: seen.version + 1 };
  await bookingRepository.save({ vehicle: { seen: seen.version, next: held } });
  expect(problem(await by('POST', `${city()}/relocations`, order))).toEqual([409, 'relocation-not-possible']);
});

test('figures want a period that there is', async () => {
  const asked = (query: string) => by('GET', `${city()}/figures?${query}`);
  expect((await asked('')).json).toEqual({ items: [] });
  expect(problem(await asked('from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z'))).toEqual([400, 'period-not-usable']);
  expect((await asked('by=day&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z')).status).toBe(200);
  expect(problem(await asked('from=yesterday'))).toEqual([400, 'invalid-parameter']);
  expect(problem(await asked('zone=Not%20a%20zone'))).toEqual([400, 'invalid-parameter']);
});
