import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { verifyP256 } from '#functions/adapters/node-crypto/p256.ts';
import { started } from '#shared/sharing/bookings/use.ts';
import { readToken } from '#shared/sharing/keys/key-token.ts';
import type { SharingSystem } from '#shared/sharing/setup/system.ts';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';
import { electricCar, sampleOperator, samplePlan, sampleSystem, systemId } from '../../support/sharing-city.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import type { TestPerson } from './test-ownership.ts';

const { operatorId } = sampleOperator;
const base = `/v1/me/sharing/${operatorId}`;
const papers = { bornOn: '1990-05-31', licence: { classes: ['B'], validUntil: '2031-05-31' } };
const asOperator = { scopes: ['manage_drivers', 'manage_sharing'] as const };
const minute = 60_000;
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.sharing.setup.addOperator(sampleOperator);
  for (const system of [sampleSystem, nightCity]) {
    await api.sharing.setup.addSystem(system);
    await api.sharing.setup.addPlan(system.systemId, samplePlan);
  }
});
afterAll(() => api.stop());

/** Open at night alone. */
const nightCity: SharingSystem = {
  ...{ ...sampleSystem, systemId: systemId('we-share-night'), name: 'We Share Night' },
  openingHours: { 1: { from: 0, to: 60 } },
};

async function aCar(
  system: SharingSystem = sampleSystem,
  vehicleId = aVehicleId(),
  more: { readonly logKey?: string } = { logKey: 'told' },
): Promise<string> {
  const facts = { vehicleId, systemId: system.systemId, operatorId, vehicleTypeId: electricCar.vehicleTypeId };
  const label = `B-${vehicleId.slice(-6)}`;
  await api.sharing.setup.addVehicle({ ...facts, label, speaks: 'device', ...more, version: 1 });
  await api.sharing.services.bookings.enterService(facts);
  return vehicleId;
}

function somebody(): TestPerson {
  return { personId: aPersonId(), username: `driver-${randomUUID()}` };
}

async function aDriver(changes: object = {}): Promise<TestPerson> {
  const person = somebody();
  await api.call('POST', `${base}/account`, { person, body: { paymentMethod: 'pm-visa' } });
  await ofDriver(person, 'verify', { ...papers, ...changes });
  return person;
}

function ofDriver({ personId }: TestPerson, what: string, body?: object) {
  const path = `/v1/sharing/operators/${operatorId}/drivers/${personId}/${what}`;
  return api.call('POST', path, { ...asOperator, ...(body !== undefined && { body }) });
}

function hold(person: TestPerson, vehicleId: string, key: string = randomUUID(), more: object = {}) {
  const headers = { 'idempotency-key': key };
  return api.call('POST', `${base}/reservations`, { person, headers, body: { vehicleId, ...more } });
}

const problem = (code: string) => ({ json: { type: `/docs#problem-${code}` } });

test('a person joins, is verified, holds a car at the terms of this moment, extends, cancels, and leaves', async () => {
  const person = somebody();
  const joined = await api.call('POST', `${base}/account`, { person, body: { paymentMethod: 'pm-visa' } });
  expect(joined).toMatchObject({ status: 201, json: { standing: 'unverified', paymentMethod: 'pm-visa', debt: 0 } });
  const car = await aCar();
  expect(await hold(person, car)).toMatchObject({ status: 403, ...problem('driver-not-verified') });
  for (const bornOn of ['1899-12-31', '2099-01-01']) {
    const refused = await ofDriver(person, 'verify', { ...papers, bornOn });
    expect(refused).toMatchObject({ status: 400, json: { errors: [{ pointer: '/bornOn' }] } });
  }
  expect(await ofDriver(person, 'verify', papers)).toMatchObject({ status: 200, json: { standing: 'verified' } });

  const held = await hold(person, car, 'first', { packageId: 'three-hours' });
  const expiresAt = new Date(api.time.now + 15 * minute).toISOString();
  expect(held).toMatchObject({
    status: 201,
    json: {
      status: 'held',
      vehicleId: car,
      expiresAt,
      extensionsLeft: 2,
      terms: { version: 1, package: { price: 2400 } },
    },
  });
  const { reservationId } = held.json;
  expect((await api.call('GET', `${base}/reservations`, { person })).json.items).toEqual([held.json]);
  expect((await api.call('GET', held.headers.get('location') ?? '', { person })).json).toEqual(held.json);

  const { partnerReservations } = api.sharing.services;
  const carryOut = partnerReservations.extend.bind(partnerReservations);
  partnerReservations.extend = async (...asked) => {
    await carryOut(...asked);
    throw new Error('killed');
  };
  const headers = { 'idempotency-key': 'longer' };
  const extend = () => api.call('POST', `${base}/reservations/${reservationId}/extend`, { person, headers });
  expect((await extend()).status).toBe(500);
  partnerReservations.extend = carryOut;
  // Whoever heard no answer asks again, and has it once.
  const extended = await extend();
  const later = new Date(api.time.now + 30 * minute).toISOString();
  expect(extended.json).toMatchObject({ expiresAt: later, extensionsLeft: 1 });
  expect(await api.call('DELETE', `${base}/account`, { person })).toMatchObject({
    status: 409,
    ...problem('already-holding'),
  });
  const cancelled = await api.call('POST', `${base}/reservations/${reservationId}/cancel`, { person });
  expect(cancelled).toMatchObject({ status: 200, json: { status: 'cancelled', vehicleId: car } });
  expect((await api.call('GET', `${base}/reservations`, { person })).json.items).toEqual([]);
  const nowhere = await api.call('GET', '/v1/me/sharing/nowhere/reservations', { person });
  expect(nowhere).toMatchObject({ status: 404, ...problem('operator-not-found') });
  const left = await api.call('DELETE', `${base}/account`, { person });
  expect(left).toMatchObject({ status: 200, json: { standing: 'left' } });
  expect(left.json.bornOn).toBeUndefined();
  expect(await api.call('GET', `${base}/account`, { person })).toMatchObject({
    status: 404,
    ...problem('account-not-found'),
  });
});

test('the same request gets the same reservation, also after it is over, and with another body 422', async () => {
  const [person, car, other] = [await aDriver(), await aCar(), await aCar()];
  const first = await hold(person, car, 'once');
  const again = await hold(person, car, 'once');
  expect(again).toMatchObject({ status: 200, json: first.json });
  expect(await hold(person, other, 'once')).toMatchObject({ status: 422, ...problem('idempotency-key-reused') });
  await api.call('POST', `${base}/reservations/${first.json.reservationId}/cancel`, { person });
  const after = await hold(person, car, 'once');
  expect(after).toMatchObject({ status: 200, json: { reservationId: first.json.reservationId } });
  expect(await api.sharing.bookingRepository.vehicle(car)).toMatchObject({ state: 'available', fence: 1 });
});

test('each reason against a hold has its name, and nothing is changed by it', async () => {
  const car = await aCar();
  const before = await api.sharing.bookingRepository.vehicle(car);
  const blocked = await aDriver();
  await ofDriver(blocked, 'block', { reason: 'Case 4711' });
  const cases: readonly [string, TestPerson][] = [
    ['account-not-found', somebody()],
    ['driver-blocked', blocked],
    ['licence-missing', await aDriver({ licence: { classes: ['AM'], validUntil: '2031-05-31' } })],
    ['licence-missing', await aDriver({ licence: { classes: ['B'], validUntil: '2026-11-20' } })],
    ['too-young', await aDriver({ bornOn: '2005-11-22' })],
  ];
  for (const [code, person] of cases) expect(await hold(person, car)).toMatchObject(problem(code));
  const person = await aDriver();
  expect(await hold(person, car, 'k', { packageId: 'none' })).toMatchObject({
    status: 422,
    json: { type: '/docs#problem-package-unknown', title: 'Does not fit what is known' },
  });
  expect(await hold(person, await aCar(nightCity))).toMatchObject({ status: 409, ...problem('system-closed') });
  expect(await hold(person, aVehicleId())).toMatchObject({ status: 404, ...problem('vehicle-not-offered') });
  expect(await api.sharing.bookingRepository.vehicle(car)).toEqual(before);
  await ofDriver(blocked, 'unblock');
  expect(await hold(blocked, car)).toMatchObject({ status: 201 });
  expect(await hold(person, car)).toMatchObject({ status: 409, ...problem('vehicle-reserved') });
  expect(await hold(blocked, await aCar())).toMatchObject({ status: 409, ...problem('already-holding') });
});

test('a hold is its own record: no other is written beside it, neither of the operation nor of the audit', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const { append } = api.auditTrail;
  api.auditTrail.append = () => Promise.reject(new Error('the table is gone'));
  expect(await hold(person, car, 'mine')).toMatchObject({ status: 201 });
  expect(await hold(person, car, 'mine')).toMatchObject({ status: 200 });
  api.auditTrail.append = append;
  expect(await hold(person, car, 'a key\u0001')).toMatchObject({ status: 400, ...problem('invalid-header') });
});

test('a debt bars new holds and names itself, and what is held goes on', async () => {
  const { bookingRepository: bookings } = api.sharing;
  const [person, car] = [await aDriver(), await aCar()];
  const { reservationId } = (await hold(person, car)).json;
  const seen = await bookings.driver(operatorId, person.personId);
  if (seen === undefined) throw new Error('no driver');
  const debts = [{ reservationId, amount: 1_250, currency: 'EUR', since: api.time.now }];
  const owing = { ...seen, debt: 1_250, debtCurrency: 'EUR', debts, version: seen.version + 1 };
  await bookings.save({ driver: { seen: seen.version, next: owing } });
  const account = await api.call('GET', `${base}/account`, { person });
  expect(account.json).toMatchObject({ debt: 1_250, debtCurrency: 'EUR', debts: [{ reservationId, amount: 1_250 }] });
  const path = `${base}/reservations/${reservationId}`;
  expect(await api.call('POST', `${path}/extend`, { person })).toMatchObject({ status: 200 });
  const phoneKey = Buffer.from(p256Signer(newP256Key().privateKeyPem).spki).toString('base64url');
  expect(await api.call('POST', `${path}/key`, { person, body: { phoneKey } })).toMatchObject({ status: 201 });
  await api.call('POST', `${path}/cancel`, { person });
  expect(await hold(person, await aCar())).toMatchObject({ status: 409, ...problem('debt-open') });
});

test('who is born on this very day, so many years ago, is old enough', async () => {
  expect(await hold(await aDriver({ bornOn: '2005-11-21' }), await aCar())).toMatchObject({ status: 201 });
});

test('low charge, no contact, a key that is not void and no service are told apart', async () => {
  const { services, bookingRepository: bookings } = api.sharing;
  const person = await aDriver();
  const [low, silent, out, barred] = [await aCar(), await aCar(), await aCar(), await aCar()];
  await services.bookings.chargeLow(low);
  await services.bookings.silent(silent, api.time.now, false);
  await services.bookings.leaveService(out);
  const seen = await bookings.vehicle(barred);
  if (seen === undefined) throw new Error('no vehicle');
  const next = { ...seen, barredUntil: api.time.now + 5 * minute, version: seen.version + 1 };
  await bookings.save({ vehicle: { seen: seen.version, next } });
  expect(await hold(person, low)).toMatchObject({ status: 409, ...problem('vehicle-charge-low') });
  expect(await hold(person, silent)).toMatchObject({ status: 409, ...problem('vehicle-out-of-contact') });
  expect(await hold(person, out)).toMatchObject({ status: 409, ...problem('vehicle-not-in-service') });
  const refused = await hold(person, barred);
  expect(refused).toMatchObject({ status: 409, ...problem('vehicle-key-not-void') });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(300);
});

test('a car that has never said that it takes keys gets none, and no money is set aside', async () => {
  const [person, car] = [await aDriver(), await aCar(sampleSystem, aVehicleId(), {})];
  const body = { phoneKey: Buffer.from(p256Signer(newP256Key().privateKeyPem).spki).toString('base64url') };
  const { reservationId } = (await hold(person, car)).json;
  const path = `${base}/reservations/${reservationId}/key`;
  await api.call('POST', `${base}/account`, { person, body: { paymentMethod: 'sandbox-declined' } });
  const refused = await api.call('POST', path, { person, body });
  expect(refused).toMatchObject({ status: 409, ...problem('vehicle-takes-no-key') });
  expect((await api.sharing.bookingRepository.vehicle(car))?.assignment?.keyUntil).toBeUndefined();
});

test('a key comes after the money was set aside, ends with the hold, and keeps what it opens from others', async () => {
  const [person, other, car] = [await aDriver(), await aDriver(), await aCar()];
  const phone = p256Signer(newP256Key().privateKeyPem);
  const body = { phoneKey: Buffer.from(phone.spki).toString('base64url') };
  const { reservationId, expiresAt } = (await hold(person, car)).json;
  const path = `${base}/reservations/${reservationId}/key`;
  expect(await api.call('POST', path, { person: other, body })).toMatchObject({
    status: 404,
    ...problem('reservation-not-found'),
  });

  await api.call('POST', `${base}/account`, { person, body: { paymentMethod: 'sandbox-declined' } });
  expect(await api.call('POST', path, { person, body })).toMatchObject({ status: 409, ...problem('payment-declined') });
  expect((await api.sharing.bookingRepository.vehicle(car))?.assignment?.keyUntil).toBeUndefined();
  await api.call('POST', `${base}/account`, { person, body: { paymentMethod: 'pm-visa' } });

  const issued = await api.call('POST', path, { person, body });
  expect(issued).toMatchObject({ status: 201, json: { vehicleId: car, reservationId, fence: 1, expiresAt } });
  const token = readToken(Buffer.from(issued.json.token, 'base64url'));
  const { spki } = api.sharing.issuer.key;
  expect(verifyP256(Buffer.from(spki, 'base64url'), token.toBeSigned, token.signature)).toBe(true);
  expect(token.content).toMatchObject({ vehicleId: car, reservationId, fence: 1, expiresAt: Date.parse(expiresAt) });
  const nowhere = body.phoneKey.replace(/.{8}$/, 'AAAAAAAA');
  for (const phoneKey of ['AAAA', nowhere]) {
    expect(await api.call('POST', path, { person, body: { phoneKey } })).toMatchObject({ status: 400 });
  }

  await api.call('POST', `${base}/reservations/${reservationId}/cancel`, { person });
  expect(await hold(other, car)).toMatchObject({ status: 409, ...problem('vehicle-key-not-void') });
  await api.sharing.services.bookings.admitted(car, 2);
  expect(await hold(other, car)).toMatchObject({ status: 201 });
});

test('who comes too late has no hold, no key and no extension, and pays nothing', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const { reservationId } = (await hold(person, car)).json;
  api.time.now += 15 * minute;
  const phone = Buffer.from(p256Signer(newP256Key().privateKeyPem).spki).toString('base64url');
  const path = `${base}/reservations/${reservationId}`;
  expect(await api.call('POST', `${path}/extend`, { person })).toMatchObject({
    status: 409,
    ...problem('hold-expired'),
  });
  const late = await api.call('POST', `${path}/key`, { person, body: { phoneKey: phone } });
  expect(late).toMatchObject({ status: 409, ...problem('hold-expired') });
  expect(await hold(await aDriver(), car)).toMatchObject({ status: 409, ...problem('vehicle-reserved') });
  api.time.now += 30_001;
  expect(await hold(await aDriver(), car)).toMatchObject({ status: 201 });
  expect(await hold(person, await aCar())).toMatchObject({ status: 201 });
});

test('an operator takes a vehicle back, which stands in the audit; another operator’s client sees neither it nor its drivers', async () => {
  const [person, car] = [await aDriver(), await aCar(sampleSystem, await anActiveVehicle(api))];
  const { reservationId } = (await hold(person, car)).json;
  const body = { reason: 'Stands in the way' };
  const foreign = { client: 'stranger', scopes: ['manage_sharing', 'manage_drivers'] as const };
  const path = `/v1/sharing/vehicles/${car}/forced-end`;
  const [stranger, driver] = [
    await api.call('POST', path, { ...foreign, body }),
    `/v1/sharing/operators/${operatorId}/drivers/${person.personId}`,
  ];
  expect(stranger).toMatchObject({ status: 404, ...problem('shared-vehicle-not-found') });
  expect(await api.call('GET', driver, foreign)).toMatchObject({ status: 404, ...problem('operator-not-found') });
  expect(await api.call('POST', path, { ...asOperator, body })).toMatchObject({ status: 200, json: { reservationId } });
  expect(await api.call('POST', path, { ...asOperator, body })).toMatchObject({
    status: 200,
    json: { vehicleId: car },
  });
  expect(await api.sharing.bookingRepository.vehicle(car)).toMatchObject({
    state: 'available',
    moves: [{ reason: 'forced' }],
  });
  const { json } = await api.call('GET', `/v1/audit?vehicleId=${car}`, { scopes: ['read_audit'] });
  const record = { action: 'sharing-vehicle.force-end', outcome: 'done', reason: 'Stands in the way' };
  expect(json.items).toContainEqual(expect.objectContaining(record));
  expect(await api.call('GET', driver, asOperator)).toMatchObject({
    json: { hasVehicle: false, standing: 'verified' },
  });
});

test('of a car that was taken back while it is driven it is said since when, and nobody sends it to the workshop', async () => {
  const { services } = api.sharing;
  const [person, car] = [await aDriver(), await aCar()];
  const { reservationId } = (await hold(person, car)).json;
  await services.bookings.issueKey({ operatorId, personId: person.personId }, reservationId);
  const at = api.time.now;
  const line = { reservationId, fence: 1, at, position: { boot: 1, sequence: 1 }, readAt: at };
  await services.bookings.change(car, (seen) => started(seen, line));
  const path = `/v1/sharing/vehicles/${car}`;
  const body = { reason: 'Case 4714' };
  const elsewhere = {
    ...body,
    reservationId: reservationId.replace(/.$/, (last: string) => (last === 'a' ? 'b' : 'a')),
  };
  const other = await api.call('POST', `${path}/forced-end`, { ...asOperator, body: elsewhere });
  expect(other).toMatchObject({ status: 409, ...problem('reservation-not-present') });
  const meant = { ...asOperator, body: { ...body, reservationId } };
  expect(await api.call('POST', `${path}/forced-end`, meant)).toMatchObject({ status: 200, json: { reservationId } });
  const barred = { since: new Date(api.time.now).toISOString(), by: 'trip' };
  expect((await api.call('GET', path, asOperator)).json).toMatchObject({ state: 'available', barred });
  const out = (reason: string) => api.call('POST', `${path}/out-of-service`, { ...asOperator, body: { reason } });
  expect(await out('maintenance')).toMatchObject({ status: 409, ...problem('vehicle-still-driven') });
  expect(await out('taken-away')).toMatchObject({ status: 409, ...problem('vehicle-still-driven') });
  expect(await out('recovery')).toMatchObject({ status: 200, json: { state: 'non_operational', barred } });
  await services.bookings.admitted(car, 2);
  const over = await api.call('GET', path, asOperator);
  expect(over.json).not.toHaveProperty('barred');
  expect(await out('taken-away')).toMatchObject({ status: 200, json: { state: 'removed' } });
});

test('of a car that was given back with a key it is said until when that opens it', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const { reservationId } = (await hold(person, car)).json;
  await api.sharing.services.bookings.issueKey({ operatorId, personId: person.personId }, reservationId);
  await api.call('POST', `${base}/reservations/${reservationId}/cancel`, { person });
  const iso = (ms: number) => new Date(ms).toISOString();
  const barred = { since: iso(api.time.now), by: 'key', until: iso(api.time.now + 15 * minute) };
  const look = () => api.call('GET', `/v1/sharing/vehicles/${car}`, asOperator);
  expect((await look()).json).toMatchObject({ barred });
  api.time.now += 16 * minute;
  expect((await look()).json).not.toHaveProperty('barred');
});

test('who is blocked gets no key before a trip has begun, neither a first nor a newer one, and any while they drive', async () => {
  const { services, bookingRepository } = api.sharing;
  const [person, other, car, bike] = [await aDriver(), await aDriver(), await aCar(), await aCar()];
  const phoneKey = Buffer.from(p256Signer(newP256Key().privateKeyPem).spki).toString('base64url');
  const { reservationId } = (await hold(person, car)).json;
  const unpaid = (await hold(other, bike)).json.reservationId;
  const key = (who: TestPerson, id: string) => {
    return api.call('POST', `${base}/reservations/${id}/key`, { person: who, body: { phoneKey } });
  };
  expect(await key(person, reservationId)).toMatchObject({ status: 201 });
  for (const one of [person, other]) await ofDriver(one, 'block', { reason: 'Case 4715' });
  const refused = { status: 403, ...problem('driver-blocked') };
  // Before any money is asked for, which would be declined.
  await api.call('POST', `${base}/account`, { person: other, body: { paymentMethod: 'sandbox-declined' } });
  expect(await key(other, unpaid)).toMatchObject(refused);
  expect((await bookingRepository.vehicle(bike))?.assignment).not.toHaveProperty('keyUntil');
  expect(await key(person, reservationId)).toMatchObject(refused);
  const at = api.time.now;
  const line = { reservationId, fence: 1, at, position: { boot: 1, sequence: 1 }, readAt: at };
  await services.bookings.change(car, (seen) => started(seen, line));
  expect(await key(person, reservationId)).toMatchObject({ status: 201 });
});
