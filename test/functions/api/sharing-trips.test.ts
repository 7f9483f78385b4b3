import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import { judged } from '#shared/sharing/trips/trip-state.ts';
import { aPersonId } from '../../contract/samples.ts';
import { aTrip } from '../../contract/trip-repositories.ts';
import { sampleOperator, samplePlan } from '../../support/sharing-city.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import type { TestPerson } from './test-ownership.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const client of ['trips-client', 'elsewhere-client']) await api.letIn(client, 'volkswagen');
  await operator('we-share', 'trips-client');
  await operator('elsewhere', 'elsewhere-client');
});
afterAll(() => api.stop());

const operator = (operatorId: string, client: string) =>
  api.call('POST', '/v1/sharing/operators', {
    body: { operatorId, name: operatorId, clientIds: [client], email: 'a@b.example' },
  });
const { operatorId } = sampleOperator;
const minute = 60_000;
const mine = '/v1/me/sharing/we-share/trips';
const of = ({ vehicleId, fence }: Trip, step = '') => `/v1/sharing/vehicles/${vehicleId}/trips/${fence}${step}`;
const by = (method: string, path: string, body?: object, client = 'trips-client', headers = {}) =>
  api.call(method, path, { client, headers, ...(body && { body }) });
const problem = (answer: { status: number; json: { type: string } }) => [
  answer.status,
  answer.json.type.replace('/docs#problem-', ''),
];

interface Use {
  readonly trip: Trip;
  readonly person: TestPerson;
}

/** Ten minutes that have ended, of somebody who pays by this method; settled as far as it goes. */
async function used(paymentMethod = 'sandbox-card', changes: Partial<Trip> = {}): Promise<Use> {
  const { time, sharing } = api;
  const personId = aPersonId();
  const driver: Driver = {
    ...{ operatorId, personId, standing: 'verified' },
    paymentMethod,
    debt: 0,
    requests: [],
    version: 1,
  };
  await sharing.bookingRepository.save({ driver: { next: driver } });
  const [heldAt, odometer] = [time.now - 30 * minute, 5_000];
  const fresh = aTrip({ personId, heldAt });
  const { packageId: _, ...terms } = fresh.terms;
  const start = { at: heldAt + minute, odometer, charge: 80, place: { latitude: 52.5, longitude: 13.4 } };
  const end = { ...start, at: heldAt + 11 * minute, odometer: odometer + 2_000, by: 'driver' as const };
  const release = { at: end.at, why: 'ended' as const };
  const trip = judged({ ...fresh, terms, release, course: { start, pauses: [], end, flaws: [] }, ...changes });
  await sharing.payments.authorize(trip.reservationId, depositOf(samplePlan), 'EUR', paymentMethod);
  await sharing.trips.save(trip, undefined);
  await sharing.settlement.settle(trip);
  return { trip, person: { personId, username: 'driver' } };
}

const total = 100 + 10 * 29;

describe('a person', () => {
  test('sees their trips, the newest first, and one with its bill and receipt', async () => {
    const { trip, person } = await used();
    const { personId } = person;
    const older = aTrip({ personId, heldAt: trip.heldAt - 1_000_000 });
    await api.sharing.trips.save(older, undefined);
    const first = await api.call('GET', `${mine}?limit=1`, { person });
    expect(first.json.items).toMatchObject([{ reservationId: trip.reservationId, total, currency: 'EUR' }]);
    const rest = await api.call('GET', `${mine}?limit=1&cursor=${first.json.nextCursor}`, { person });
    expect(rest.json.items).toMatchObject([{ reservationId: older.reservationId, status: 'held' }]);
    const one = await api.call('GET', `${mine}/${trip.reservationId}`, { person });
    expect(one.json).toMatchObject({
      ...{ status: 'settled', meters: 2_000, payment: { status: 'paid', taken: total, owed: 0 } },
      bill: { lines: [{ item: 'unlock' }, { item: 'driving', quantity: 10 }], vat: { percent: 19, amount: 62 } },
      receipts: [{ kind: 'payment', amount: total }],
    });
  });

  test('sees nobody else’s trip, and none of another operator’s', async () => {
    const { trip, person } = await used();
    const stranger = { personId: aPersonId(), username: 'stranger' };
    expect(problem(await api.call('GET', `${mine}/${trip.reservationId}`, { person: stranger }))).toEqual([
      ...[404, 'trip-not-found'],
    ]);
    const elsewhere = '/v1/me/sharing/elsewhere/trips';
    expect(problem(await api.call('GET', `${elsewhere}/${trip.reservationId}`, { person }))[0]).toBe(404);
    expect((await api.call('GET', elsewhere, { person })).json).toEqual({ items: [] });
    const nowhere = await api.call('GET', '/v1/me/sharing/nowhere/trips', { person });
    expect(problem(nowhere)).toEqual([404, 'operator-not-found']);
    const [cursor] = [await api.call('GET', `${mine}?cursor=nonsense`, { person })];
    expect(problem(cursor)).toEqual([400, 'bad-cursor']);
  });

  test('pays what they owe once, with another card where theirs is declined', async () => {
    const { trip, person } = await used('sandbox-capture-fails');
    const path = `${mine}/${trip.reservationId}/payment`;
    expect((await api.call('GET', `${mine}/${trip.reservationId}`, { person })).json.payment).toEqual({
      ...{ status: 'owed', taken: 0, owed: total, reason: 'card-declined' },
    });
    expect(problem(await api.call('POST', path, { person, body: {} }))).toEqual([409, 'debt-not-paid']);
    const body = { paymentMethod: 'sandbox-card' };
    for (const key of ['one', 'one', 'two']) {
      const answer = await api.call('POST', path, { person, body, headers: { 'idempotency-key': key } });
      expect([answer.status, answer.json.payment]).toEqual([200, { status: 'paid', taken: total, owed: 0 }]);
      expect(answer.json.receipts).toHaveLength(1);
    }
    const driver = await api.sharing.bookingRepository.driver(operatorId, person.personId);
    expect(driver?.debt).toBe(0);
    const settled = await used();
    const again = `${mine}/${settled.trip.reservationId}/payment`;
    expect(problem(await api.call('POST', again, { person: settled.person, body: {} }))).toEqual([409, 'nothing-owed']);
  });
});

describe('an operator', () => {
  test('sees a trip with what was signed, and another operator does not', async () => {
    const { trip } = await used();
    expect((await by('GET', of(trip))).json).toMatchObject({ fence: 1, personId: trip.personId, refundable: total });
    const stranger = await by('GET', of(trip), undefined, 'elsewhere-client');
    expect(problem(stranger)).toEqual([404, 'trip-not-found']);
    expect(problem(await by('GET', of({ ...trip, fence: 9 })))).toEqual([404, 'trip-not-found']);
    for (const step of ['/review', '/refunds', '/forgiveness']) {
      const body = { decision: 'waive', reason: 'because' };
      const asked =
        step === '/review' ? body : step === '/refunds' ? { amount: 1, reason: 'because' } : { reason: 'x' };
      const answer = await by('POST', of(trip, step), asked, 'elsewhere-client', { 'idempotency-key': step });
      expect(problem(answer)).toEqual([404, 'trip-not-found']);
    }
  });

  test('lists the trips of its vehicle by what is to be decided', async () => {
    const { trip } = await used();
    const { vehicleId } = trip;
    const fleetVehicle = {
      ...{ vehicleId, systemId: trip.systemId, operatorId, vehicleTypeId: trip.vehicleTypeId },
      ...{ label: `B-T ${vehicleId}`, speaks: 'device' as const, version: 1 },
    };
    await api.sharing.setup.addVehicle(fleetVehicle);
    const doubtful = { release: { at: 5, why: 'cancelled' as const }, vehicleId, fence: 2 };
    await used('sandbox-card', doubtful);
    const list = (query = '') => by('GET', `/v1/sharing/vehicles/${vehicleId}/trips${query}`);
    expect((await list()).json.items.map(({ fence }: { fence: number }) => fence)).toEqual([2, 1]);
    expect((await list('?status=to-review')).json.items).toMatchObject([{ fence: 2, reasons: ['stale-fence'] }]);
    const stranger = await by('GET', `/v1/sharing/vehicles/${vehicleId}/trips`, undefined, 'elsewhere-client');
    expect(problem(stranger)).toEqual([404, 'shared-vehicle-not-found']);
  });

  test('settles a doubtful trip to an earlier end, with a reason, and it stands in the audit', async () => {
    const vehicleId = await anActiveVehicle(api);
    const { trip } = await used('sandbox-card', { vehicleId, release: { at: 5, why: 'cancelled' } });
    const at = (ms: number) => new Date(ms).toISOString();
    const startedAt = trip.course?.start.at ?? 0;
    const review = (body: object) => by('POST', of(trip, '/review'), { reason: 'case 4711', ...body });
    const wrong = await review({ decision: 'settle', endedAt: at(startedAt - 1) });
    expect(problem(wrong)).toEqual([422, 'trip-end-impossible']);
    const settled = await review({ decision: 'settle', endedAt: at(startedAt + 5 * minute) });
    expect(settled.json).toMatchObject({ status: 'settled', total: 245, decision: { by: 'trips-client' } });
    expect(problem(await review({ decision: 'waive' }))).toEqual([409, 'trip-not-to-review']);
    const trail = await api.call('GET', `/v1/audit?vehicleId=${trip.vehicleId}`);
    expect(trail.json.items).toContainEqual(
      expect.objectContaining({ action: 'trip.review', outcome: 'done', reason: 'case 4711' }),
    );
  });

  test('is told no distance where the odometer was set back, and asked to look', async () => {
    const at = (odometer: number) => ({ at: 5, odometer, charge: 5 });
    const end = { ...at(4_000), by: 'driver' as const };
    const course = { start: at(5_000), pauses: [], end, flaws: ['odometer-set-back' as const] };
    const { trip } = await used('sandbox-card', { course });
    const { json } = await by('GET', of(trip));
    expect(json).toMatchObject({ status: 'to-review', reasons: expect.arrayContaining(['odometer-set-back']) });
    expect(json).not.toHaveProperty('meters');
  });

  test('needs an end where the vehicle told of none, and a reason in any case', async () => {
    const start = { at: 5, odometer: 0, charge: 5 };
    const course = { start, pauses: [], flaws: [] };
    const { trip } = await used('sandbox-card', { release: { at: 5, why: 'forced' }, course });
    const review = (body: object) => by('POST', of(trip, '/review'), body);
    expect(problem(await review({ decision: 'settle', reason: 'x' }))).toEqual([422, 'trip-end-unknown']);
    const bare = await review({ decision: 'waive' });
    expect(bare.json.errors).toMatchObject([{ pointer: '/reason' }]);
    expect((await review({ decision: 'waive', reason: 'x' })).json).toMatchObject({ payment: { status: 'none' } });
  });

  test('gives back in parts, no more than was taken, and the same request once', async () => {
    const { trip } = await used();
    const refund = (amount: number, key: string) =>
      api.call('POST', of(trip, '/refunds'), {
        ...{ client: 'trips-client', body: { amount, reason: 'flat battery' }, headers: { 'idempotency-key': key } },
      });
    const bare = await by('POST', of(trip, '/refunds'), { amount: 1, reason: 'flat battery' });
    expect([...problem(bare), bare.json.errors[0].pointer]).toEqual([
      400,
      'idempotency-key-missing',
      'Idempotency-Key',
    ]);
    for (const key of ['r1', 'r1']) expect((await refund(300, key)).json.refundable).toBe(total - 300);
    const tooMuch = await refund(total - 299, 'r2');
    expect([...problem(tooMuch), tooMuch.json.errors[0].pointer]).toEqual([409, 'refund-too-high', '/amount']);
    const rest = await refund(total - 300, 'r3');
    expect(rest.json).toMatchObject({ refundable: 0, receipts: [{ kind: 'payment' }, { kind: 'refund' }, {}] });
    for (const amount of [0, -5, 1.5]) expect((await refund(amount, `r${amount}`)).status).toBe(400);
  });

  test('forgives a debt, and nothing else', async () => {
    const { trip, person } = await used('sandbox-declined');
    const forgive = (one: Trip) => by('POST', of(one, '/forgiveness'), { reason: 'agreed' });
    expect((await forgive(trip)).json.payment).toEqual({ status: 'forgiven', taken: 0, owed: 0 });
    expect((await api.sharing.bookingRepository.driver(operatorId, person.personId))?.debt).toBe(0);
    expect(problem(await forgive((await used()).trip))).toEqual([409, 'nothing-owed']);
  });
});
