import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isReservationId } from '#shared/sharing/sharing-id.ts';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';
import { sampleOperator, samplePlan, sampleSystem } from '../../support/sharing-city.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import type { TestPerson } from './test-ownership.ts';

const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const base = `/v1/me/sharing/${operatorId}`;
const minute = 60_000;
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.sharing.setup.addOperator(sampleOperator);
  await api.sharing.setup.addSystem(sampleSystem);
  await api.sharing.setup.addPlan(systemId, samplePlan);
});
afterAll(() => api.stop());

const by = (method: string, path: string, body?: object) => api.call(method, path, { ...(body && { body }) });
const at = (vehicleId: string, step = '') => `/v1/sharing/vehicles/${vehicleId}${step}`;
const tell = (vehicleId: string, report: object) => by('POST', at(vehicleId, '/reports'), report);
const time = () => new Date(api.time.now).toISOString().replace(/\.\d+Z/, 'Z');
const place = { latitude: 52.5, longitude: 13.4 };
const problem = (answer: { status: number; json: { type: string } }) => [
  answer.status,
  answer.json.type.replace('/docs#problem-', ''),
];

async function aScooter(): Promise<string> {
  const label = `Scooter ${randomUUID().slice(0, 8)}`;
  const taken = await by('POST', `/v1/sharing/systems/${systemId}/vehicles`, { vehicleTypeId: 'scooter', label });
  expect(taken.status).toBe(201);
  return taken.json.vehicleId;
}

async function heldBySomebody(vehicleId: string) {
  const person: TestPerson = { personId: aPersonId(), username: `rider-${randomUUID()}` };
  await api.call('POST', `${base}/account`, { person, body: { paymentMethod: 'pm-visa' } });
  const papers = { bornOn: '1990-05-31', licence: { classes: ['B'], validUntil: '2031-05-31' } };
  await by('POST', `/v1/sharing/operators/${operatorId}/drivers/${person.personId}/verify`, papers);
  const headers = { 'idempotency-key': randomUUID() };
  const held = await api.call('POST', `${base}/reservations`, { person, headers, body: { vehicleId } });
  expect(held.status).toBe(201);
  return { person, ...(await by('GET', at(vehicleId))).json.use };
}

test('a ride on a scooter is what its operator’s client says, in whatever order and however often', async () => {
  const vehicleId = await aScooter();
  const { person, reservationId, fence } = await heldBySomebody(vehicleId);
  const line = (sequence: number, kind: string, odometer: number) => ({
    ...{ sequence, kind, at: time(), reservationId, fence, odometer, place, charge: 70 },
  });
  const started = line(1, 'started', 1_000);
  api.time.now += 5 * minute;
  const paused = line(2, 'paused', 2_000);
  api.time.now += minute;
  const [resumed, ended] = [line(3, 'resumed', 2_000), line(4, 'ended', 3_000)];
  expect((await tell(vehicleId, { events: [started] })).json).toMatchObject({ state: 'on_trip', log: { sequence: 1 } });
  // The pause is not known yet: what follows waits.
  expect((await tell(vehicleId, { events: [ended, resumed] })).json).toMatchObject({
    state: 'on_trip',
    log: { sequence: 1 },
  });
  const after = await tell(vehicleId, { events: [started, paused], status: { at: time(), place, charge: 70 } });
  expect(after.json).toMatchObject({ state: 'available', log: { boot: 1, sequence: 4 } });
  expect(after.json.use).toBeUndefined();
  expect((await tell(vehicleId, { events: [ended] })).json).toEqual(after.json);
  expect((await api.call('GET', `${base}/reservations`, { person })).json.items).toEqual([]);
  const known = await api.sharing.log.since({ vehicleId, fence });
  expect(known.map(({ kind }) => kind)).toEqual(['started', 'paused', 'resumed', 'ended']);
  expect(isReservationId(reservationId)).toBe(true);
});

test('a bike is opened for its holder once money is set aside, and for nobody else', async () => {
  const vehicleId = await aScooter();
  const open = () => by('POST', at(vehicleId, '/opening'));
  expect(problem(await open())).toEqual([409, 'vehicle-not-held']);
  const { reservationId, fence } = await heldBySomebody(vehicleId);
  expect([(await open()).status, (await open()).json.state]).toEqual([200, 'reserved']);
  expect(await api.sharing.payments.capture(reservationId, 5)).toMatchObject({ kind: 'captured' });
  await tell(vehicleId, { events: [{ sequence: 1, kind: 'started', at: time(), reservationId, fence, odometer: 1 }] });
  expect((await open()).status).toBe(200);
  const late = await aScooter();
  const unopened = await heldBySomebody(late);
  expect(await api.sharing.payments.capture(unopened.reservationId, 5)).toMatchObject({ kind: 'failed' });
  api.time.now += 20 * minute;
  expect(problem(await by('POST', at(late, '/opening')))).toEqual([409, 'hold-expired']);
});

test('where it stands and how it is charged is found by a search, the newest word counting; low, it leaves service', async () => {
  const vehicleId = await aScooter();
  await api.sharing.listings.noteBooking(systemId, vehicleId, {
    ...{ vehicleTypeId: 'scooter', label: 'S', state: 'available', version: 1, freeFrom: 0 },
  });
  const listing = async () => (await api.sharing.listings.listing(systemId, vehicleId))?.status;
  const before = time();
  api.time.now += minute;
  await tell(vehicleId, { status: { at: time(), place, charge: 60, rangeMeters: 20_000, charging: false } });
  await tell(vehicleId, { status: { at: before, place: { latitude: 52.4, longitude: 13.3 }, charge: 90 } });
  expect(await listing()).toMatchObject({ place, charge: 60 });
  api.time.now += minute;
  const low = await tell(vehicleId, { status: { at: time(), place, charge: 5 } });
  expect(low.json).toMatchObject({ state: 'non_operational', outOfService: 'low-charge' });
});

test('what cannot have happened is refused as a whole, and what contradicts is not taken in', async () => {
  const vehicleId = await aScooter();
  const { reservationId, fence } = await heldBySomebody(vehicleId);
  const event = { sequence: 1, kind: 'started', at: time(), reservationId, fence, odometer: 5 };
  const later = { ...event, at: '2099-01-01T00:00:00Z' };
  const wrong = await tell(vehicleId, { status: { at: later.at }, events: [event, { ...event, fence: 9 }, later] });
  expect(problem(wrong)).toEqual([400, 'report-not-possible']);
  expect(wrong.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/status/at',
    '/events/1/fence',
    '/events/2/at',
  ]);
  const others = { ...event, reservationId: reservationId.replace(/.$/, (last: string) => (last === 'a' ? 'b' : 'a')) };
  expect((await tell(vehicleId, { events: [others] })).json.errors).toMatchObject([
    { pointer: '/events/0/reservationId' },
  ]);
  const early = { ...event, at: new Date(api.time.now - 3 * 60 * minute).toISOString() };
  expect((await tell(vehicleId, { events: [early] })).json.errors).toEqual([
    { pointer: '/events/0/at', detail: 'lies before the hold' },
  ]);
  expect((await by('GET', at(vehicleId))).json.state).toBe('reserved');
  await tell(vehicleId, { events: [event] });
  expect(problem(await tell(vehicleId, { events: [{ ...event, kind: 'paused' }] }))).toEqual([
    422,
    'report-contradicts',
  ]);
  expect((await by('GET', at(vehicleId))).json.state).toBe('on_trip');
});

test('nobody speaks for a car that speaks for itself', async () => {
  const vehicleId = aVehicleId();
  const facts = { vehicleId, systemId, operatorId, vehicleTypeId: 'e-golf' };
  await api.sharing.setup.addVehicle({ ...facts, label: 'B-WS 9', speaks: 'device', version: 1 });
  expect(problem(await tell(vehicleId, { status: { at: time() } }))).toEqual([409, 'vehicle-speaks-for-itself']);
  await api.letIn('stranger', 'volkswagen');
  const body = { status: { at: time() } };
  expect(problem(await api.call('POST', at(vehicleId, '/reports'), { body, client: 'stranger' }))).toEqual([
    404,
    'shared-vehicle-not-found',
  ]);
});
