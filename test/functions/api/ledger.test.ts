import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import { begun, erasureIdOf } from '#shared/erasure/erasure.ts';
import { packageOfReservation } from '#shared/partners/package-id.ts';
import { partnerMethod } from '#shared/partners/partner-method.ts';
import { personOf } from '#shared/partners/traveller-id.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import type { Trip } from '#shared/sharing/trips/trip.ts';
import { judged } from '#shared/sharing/trips/trip-state.ts';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';
import { aTrip } from '../../contract/trip-repositories.ts';
import {
  marketNamed,
  sampleOperator,
  samplePlan,
  sampleSystem,
  systemId as systemNamed,
} from '../../support/sharing-city.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import type { TestPerson } from './test-ownership.ts';

let api: TestApi;
const client = 'we-share-back-office';
const { operatorId } = sampleOperator;
const { version: _, ...operator } = sampleOperator;
const mine = '/v1/me/sharing/we-share';
const theirs = '/v1/sharing/operators/we-share';
const minute = 60_000;
const total = 100 + 10 * 29;

beforeAll(async () => {
  api = await startTestApi();
  for (const one of [client, 'elsewhere-client']) await api.letIn(one, 'volkswagen');
  await api.sharing.setup.addOperator(sampleOperator);
  await api.sharing.setup.addSystem(sampleSystem);
  await api.sharing.setup.addPlan(sampleSystem.systemId, samplePlan);
});
afterAll(() => api.stop());

interface Use {
  readonly trip: Trip;
  readonly person: TestPerson;
}

const vehicle = { vehicleId: aVehicleId(), label: 'B-WS 101E' };
let fence = 0;
let clock = 0;

/** Ten minutes that have ended, each after the one before, all of one car. */
async function used(
  paymentMethod = 'sandbox-card',
  changes: Partial<Omit<Trip, 'personId'>> & { readonly personId?: PersonId } = {},
): Promise<Use> {
  const { time, sharing } = api;
  const { personId = aPersonId() } = changes;
  const driver: Driver = {
    ...{ operatorId, personId, standing: 'verified', paymentMethod, debt: 0, requests: [], version: 1 },
  };
  await sharing.bookingRepository.save({ driver: { next: driver } });
  if (fence === 0) {
    clock = time.now - 600 * minute;
    const { systemId, vehicleTypes } = sampleSystem;
    const vehicleTypeId = vehicleTypes[0]?.vehicleTypeId ?? '';
    await sharing.setup.addVehicle({ ...vehicle, systemId, operatorId, vehicleTypeId, speaks: 'device', version: 1 });
  }
  fence += 1;
  clock += 20 * minute;
  const heldAt = clock;
  const fresh = aTrip({ personId, heldAt });
  const { packageId: __, ...terms } = fresh.terms;
  const start = { at: heldAt + minute, odometer: 5_000, charge: 80, place: { latitude: 52.5, longitude: 13.4 } };
  const end = { ...start, at: heldAt + 11 * minute, odometer: 7_000, by: 'driver' as const };
  const course = { start, pauses: [], end, flaws: [] };
  const trip = judged({
    ...{ ...fresh, vehicleId: vehicle.vehicleId, fence, terms, course },
    ...{ release: { at: end.at, why: 'ended' }, ...changes },
  });
  await sharing.payments.authorize(trip.reservationId, depositOf(samplePlan), 'EUR', paymentMethod);
  await sharing.trips.save(trip, undefined);
  await sharing.settlement.settle(trip);
  return { trip, person: { personId, username: 'driver' } };
}

let keys = 0;
const staff = (method: string, path: string, body?: object, by = client) =>
  api.call(method, `${theirs}${path}`, {
    ...{ client: by, headers: method === 'POST' ? { 'idempotency-key': `key-${++keys}` } : {} },
    ...(body && { body }),
  });
const problem = (answer: { status: number; json: { type: string } }) => [
  answer.status,
  answer.json.type.replace('/docs#problem-', ''),
];

describe('an invoice', () => {
  test('is there when the trip is settled, and the same for whoever asks twice', async () => {
    const { trip, person } = await used();
    const ask = () => api.call('POST', `${mine}/trips/${trip.reservationId}/invoice`, { person });
    const [first, again] = [await ask(), await ask()];
    expect(first.json).toMatchObject({
      ...{ kind: 'invoice', form: 'simplified', about: trip.reservationId, gross: total, vat: 62, net: total - 62 },
      issuer: { legalName: 'We Share GmbH', vatId: 'DE123456789' },
      lines: [{ item: 'unlock' }, { item: 'driving', quantity: 10, price: 29, amount: 290, percent: 19 }],
    });
    expect(again.json).toEqual(first.json);
    const list = await api.call('GET', `${mine}/invoices`, { person });
    expect(list.json.items).toEqual([first.json]);
    const page = await api.call('GET', `${mine}/invoices/${first.json.number}`, {
      ...{ person, headers: { accept: 'text/html' } },
    });
    expect(page.headers.get('content-type')).toContain('text/html');
    const stranger = { personId: aPersonId(), username: 'stranger' };
    const refused = await api.call('GET', `${mine}/invoices/${first.json.number}`, { person: stranger });
    expect(problem(refused)).toEqual([404, 'invoice-not-found']);
    expect((await staff('GET', `/invoices/${first.json.number}`)).json).toEqual(first.json);
    expect(problem(await staff('GET', `/invoices/${first.json.number}`, undefined, 'elsewhere-client'))[0]).toBe(404);
  });

  test('is corrected by one credit note for each refund, with its tax', async () => {
    const { trip, person } = await used();
    const path = `/v1/sharing/vehicles/${trip.vehicleId}/trips/${trip.fence}/refunds`;
    const body = { amount: 300, reason: 'flat battery' };
    for (const key of ['r1', 'r1']) await api.call('POST', path, { client, body, headers: { 'idempotency-key': key } });
    const { json } = await api.call('GET', `${mine}/invoices`, { person });
    expect(json.items).toMatchObject([
      { kind: 'credit-note', gross: 300, vat: 48, reason: 'flat battery', refersTo: { number: json.items[1].number } },
      { kind: 'invoice', gross: total },
    ]);
  });

  test('waits for who issues it, and to whom above 250 euros, and then takes the next number', async () => {
    const { invoicing, ...silent } = operator;
    const set = (said: object) => api.call('PATCH', theirs, { client, body: said });
    const known = await api.sharing.setup.operator(operatorId);
    await api.sharing.setup.saveOperator({ ...silent, version: (known?.version ?? 0) + 1 }, known?.version ?? 0);
    const { trip, person } = await used('sandbox-card', { terms: { ...dear(), packageId: 'week' } });
    const ask = () => api.call('POST', `${mine}/trips/${trip.reservationId}/invoice`, { person });
    expect(problem(await ask())).toEqual([409, 'invoicing-not-set-up']);
    expect((await set({ invoicing })).status).toBe(200);
    expect(problem(await ask())).toEqual([409, 'invoice-recipient-missing']);
    const address = { street: 'Weg 1', postalCode: '10115', city: 'Berlin', country: 'DE' };
    const recipient = { name: 'A <b>Buyer</b>', address };
    await api.call('POST', `${mine}/invoice-recipient`, { person, body: recipient });
    const { json } = await ask();
    expect(json).toMatchObject({ form: 'full', recipient, gross: 30_390 });
    const page = await api.call('GET', `${mine}/invoices/${json.number}`, { person, headers: { accept: 'text/html' } });
    expect(String(page.text)).toContain('A &lt;b&gt;Buyer&lt;/b&gt;');
  });
});

/** A package that is dearer than a simplified invoice may be. */
function dear() {
  const { terms } = aTrip({});
  const packages = [{ packageId: 'week', name: 'Week', price: 30_290, minutes: 10_000, kilometres: 100 }];
  return { ...terms, plan: { ...terms.plan, packages } };
}

describe('the bill of a month', () => {
  const issuer = { name: 'Nextwheel <GmbH>', taxId: 'DE987654321' };
  const price = 340;
  const lines = [{ item: 'partner' as const, quantity: 1, price, amount: price }];
  const partnerBill = { lines, total: price, currency: 'EUR', issuer };
  const theirs2 = { partner: 'nextwheel', partnerBill };

  test('lists our car, a partner’s scooter and what was charged beside them, whose invoices there are, and agrees with them', async () => {
    const before = await partnersOf(iso2(api.time.now));
    const own = await used('sandbox-card');
    const { person } = own;
    const { personId } = person;
    const scooter = await used('sandbox-card', { ...theirs2, personId });
    const charge = { personId, reservationId: own.trip.reservationId, kind: 'cleaning', amount: 2_000 };
    await staff('POST', '/charges', { ...charge, currency: 'EUR', reason: 'case 4712' });
    const refund = `/v1/sharing/vehicles/${scooter.trip.vehicleId}/trips/${scooter.trip.fence}/refunds`;
    const headers = { 'idempotency-key': 'bill-1' };
    await api.call('POST', refund, { client, body: { amount: 40, reason: 'flat battery' }, headers });
    const month = iso2(api.time.now);
    const { json } = await api.call('GET', `${mine}/bills/${month}`, { person });
    const by = (kind: string, about: string) =>
      json.entries.find((entry: { kind: string; about: string }) => entry.kind === kind && entry.about === about);
    const { items } = (await api.call('GET', `${mine}/invoices`, { person })).json;
    const invoiceOf = (about: string) => items.find((one: { about: string }) => one.about === about);
    // A charge is asked for, and then paid.
    expect(json.entries).toHaveLength(5);
    expect(by('billed', own.trip.reservationId)).toMatchObject({
      ...{ amount: total, taken: total, supplier: { name: 'We Share GmbH', taxId: 'DE123456789' } },
      invoice: { by: 'operator', number: invoiceOf(own.trip.reservationId).number },
      ...{ taxes: [{ percent: 19, vat: 62 }], subject: { kind: 'trip', vehicleTypeId: own.trip.vehicleTypeId } },
    });
    const ridden = { supplier: issuer, provider: 'nextwheel', invoice: { by: 'partner' }, taxes: [] };
    expect(by('billed', scooter.trip.reservationId)).toMatchObject({ ...ridden, amount: price, taken: price });
    expect(by('refunded', scooter.trip.reservationId)).toMatchObject({ ...ridden, amount: 40 });
    const [all] = json.totals;
    expect(all).toMatchObject({
      billed: total + price + 2_000,
      partners: price,
      givenBack: 40,
      owedMore: 0,
      owedNow: 0,
    });
    expect(all.taken - all.givenBack).toBe(total + price + 2_000 - 40);
    expect(all.invoiced[0].gross).toBe(items.reduce((sum: number, { gross }: { gross: number }) => sum + gross, 0));
    const page = await api.call('GET', `${mine}/bills/${month}`, { person, headers: { accept: 'text/html' } });
    expect(String(page.text)).toContain('Nextwheel &lt;GmbH&gt;');
    const asked = await api.call('POST', `${mine}/trips/${scooter.trip.reservationId}/invoice`, { person });
    expect(problem(asked)).toEqual([409, 'nothing-to-invoice']);
    const stranger = { personId: aPersonId(), username: 'stranger' };
    const nothing = await api.call('GET', `${mine}/bills/${month}`, { person: stranger });
    expect(nothing.json).toMatchObject({ entries: [], totals: [] });
    // What was taken for the partner is the partner's.
    expect(before).toEqual([]);
    expect(await partnersOf(month)).toEqual([
      {
        ...{ systemId: sampleSystem.systemId, feedId: 'nextwheel', trips: 1, billed: price, taken: price, owed: 0 },
        ...{ forgiven: 0, givenBack: 40, toPassOn: price - 40 },
      },
    ]);
  });

  async function partnersOf(month: string) {
    const { currencies } = (await staff('GET', `/accounts/${month}`)).json;
    for (const { differences } of currencies) expect(differences).toEqual([]);
    return currencies[0]?.partners ?? [];
  }
});

describe('a charge', () => {
  const make = ({ trip, person }: Use, body: object = {}) =>
    staff('POST', '/charges', {
      ...{ personId: person.personId, reservationId: trip.reservationId, kind: 'cleaning', amount: 4_500 },
      ...{ currency: 'EUR', reason: 'case 4711', ...body },
    });

  test('is taken at once, disputed once and in time, and what is taken off goes back with a credit note', async () => {
    const use = await used();
    const { person } = use;
    const { json, status } = await make(use);
    expect([status, json]).toMatchObject([201, { amount: 4_500, payment: { status: 'paid', taken: 4_500 } }]);
    const dispute = (text: string) =>
      api.call('POST', `${mine}/charges/${json.chargeId}/dispute`, { person, body: { text } });
    expect((await dispute('It was clean.')).json).toMatchObject({ dispute: { text: 'It was clean.' } });
    expect((await dispute('It was clean.')).status).toBe(200);
    expect(problem(await dispute('It was rather clean.'))).toEqual([409, 'charge-disputed-before']);
    const decide = (body: object) => staff('POST', `/charges/${json.chargeId}/decision`, { reason: 'photos', ...body });
    expect(problem(await decide({ decision: 'reduce', amount: 4_501 }))).toEqual([409, 'credit-above-invoice']);
    expect(problem(await decide({ decision: 'reduce' }))).toEqual([400, 'invalid-body']);
    const reduced = await decide({ decision: 'reduce', amount: 2_000 });
    expect(reduced.json).toMatchObject({ dispute: { decision: { kind: 'reduce' } }, reductions: [{ status: 'done' }] });
    expect(problem(await decide({ decision: 'uphold' }))).toEqual([409, 'charge-not-disputed']);
    const { items } = (await api.call('GET', `${mine}/invoices`, { person })).json;
    expect(items).toMatchObject([{ kind: 'credit-note', gross: 2_000, vat: 319 }, { gross: 4_500, vat: 718 }, {}]);
    const other = await make(use, { kind: 'other' });
    api.time.now += 15 * 24 * 60 * minute;
    const late = await api.call('POST', `${mine}/charges/${other.json.chargeId}/dispute`, {
      person,
      body: { text: 'x' },
    });
    expect(problem(late)).toEqual([409, 'dispute-too-late']);
  });

  test('that cannot be taken is a debt that bars holds, until it is paid', async () => {
    const use = await used('sandbox-funds-3600');
    const { json } = await make(use);
    expect(json.payment).toMatchObject({ status: 'owed', owed: 4_500, reason: 'insufficient-funds' });
    const debt = async () => (await api.sharing.bookingRepository.driver(operatorId, use.person.personId))?.debt;
    expect(await debt()).toBe(4_500);
    const pay = { person: use.person, body: { paymentMethod: 'sandbox-card' } };
    for (let round = 0; round < 2; round++) {
      const paid = await api.call('POST', `${mine}/charges/${json.chargeId}/payment`, pay);
      expect(paid.json.payment).toEqual({ status: 'paid', taken: 4_500, owed: 0 });
    }
    expect(await debt()).toBe(0);
  });

  test('above the excess, in another currency, of nobody’s trip, or of another operator is refused by its name', async () => {
    const use = await used();
    expect(problem(await make(use, { kind: 'damage-excess', amount: 50_001 }))).toEqual([409, 'excess-exceeded']);
    expect(problem(await make(use, { currency: 'CHF' }))).toEqual([400, 'currency-other']);
    expect(problem(await make(use, { personId: aPersonId() }))).toEqual([404, 'trip-not-found']);
    const damage = await make(use, { kind: 'damage-excess', amount: 50_000 });
    expect(damage.json.lines).toEqual([{ item: 'damage-excess', amount: 50_000 }]);
    const stranger = await staff('GET', `/charges/${damage.json.chargeId}`, undefined, 'elsewhere-client');
    expect(problem(stranger)[0]).toBe(404);
  });
});

describe('a fine', () => {
  const notice = (at: string, body: object = {}) =>
    staff('POST', '/fines', {
      ...{ plate: 'b-ws 101e', at, authority: 'Berlin', reference: `58.${keys}`, amount: 3_500, currency: 'EUR' },
      ...{ kind: 'fine', reason: 'speeding', ...body },
    });
  const iso = (at: number) => new Date(at).toISOString();

  test('is charged to who had the car at that time, with the fee, and once', async () => {
    const { trip } = await used();
    const at = iso((trip.course?.start.at ?? 0) + minute);
    const first = await notice(at, { reference: 'AZ 4711/26' });
    expect([first.status, first.json]).toMatchObject([
      ...[201, { personId: trip.personId, reservationId: trip.reservationId, amount: 5_000 }],
    ]);
    expect(first.json.lines).toMatchObject([{ item: 'fine' }, { item: 'processing-fee', percent: 19 }]);
    const again = await notice(at, { reference: 'az-4711 26', authority: 'BERLIN' });
    expect([again.status, again.json.chargeId]).toEqual([200, first.json.chargeId]);
    // All such would be one.
    expect(problem(await notice(at, { reference: '---' }))).toEqual([400, 'invalid-body']);
  });

  test('for a time without a trip names when the trips around it ended and began, and nobody', async () => {
    const { trip } = await used();
    const [one, two] = [trip, (await used()).trip];
    const between = await notice(iso((one.course?.end?.at ?? 0) + 2 * minute));
    expect(problem(between)).toEqual([409, 'no-trip-then']);
    expect(between.json.detail).toContain(iso(one.course?.end?.at ?? 0));
    expect(JSON.stringify(between.json)).not.toContain(one.personId);
    const held = await notice(iso(two.heldAt + 30_000));
    expect(problem(held)).toEqual([409, 'only-held-then']);
    expect(problem(await notice('2026-03-29T02:30'))).toEqual([422, 'time-ambiguous']);
    expect(problem(await notice('2026-10-25T02:30'))).toEqual([422, 'time-ambiguous']);
    expect(problem(await notice(iso(two.heldAt), { plate: 'B-X 1' }))).toEqual([404, 'plate-unknown']);
    for (const none of ['2026-13-01T10:00', '2026-02-30T10:00', '2026-11-21T25:61']) {
      expect(problem(await notice(none)), none).toEqual([400, 'invalid-body']);
    }
  });

  test('of a partner’s customer is charged to the partner, whose journal names the package, and to no person', async () => {
    const personId = personOf('sample-app', 'ada', (text) => createHash('sha256').update(text).digest());
    if (!isPersonId(personId)) throw new Error(personId);
    const { trip } = await used(partnerMethod(operatorId, 'other-app'), { personId });
    const fined = await notice(iso((trip.course?.start.at ?? 0) + minute));
    expect([fined.status, fined.json]).toMatchObject([
      201,
      { partner: 'other-app', payment: { status: 'on-account' } },
    ]);
    expect(JSON.stringify(fined.json)).not.toContain(personId);
    const { json } = await staff('GET', `/partners/other-app/account/EUR/entries`);
    const entry = { kind: 'charge', amount: 5_000, package: packageOfReservation(trip.reservationId) };
    expect(json).toMatchObject({ total: { charged: 5_000 }, items: [{ ...entry, charge: { kind: 'fine' } }] });
    // Whom nobody paid for is nobody.
    const { reservationId } = (await used('sandbox-card', { personId })).trip;
    const order = { kind: 'other', amount: 500, currency: 'EUR', reason: 'case 4711', personId, reservationId };
    const nobody = await staff('POST', '/charges', order);
    expect(problem(nobody)).toEqual([404, 'account-not-found']);
  });

  test('for a time that has not come is charged to nobody who has the car at present', async () => {
    const { trip } = await used();
    const { course, ...open } = trip;
    if (course === undefined) throw new Error('no course');
    const { end: _end, ...going } = course;
    const { release: _release, bill: _bill, ...driven } = open;
    fence += 1;
    await api.sharing.trips.save(
      { ...driven, fence, reservationId: aTrip({}).reservationId, course: going },
      undefined,
    );
    expect((await notice(iso(api.time.now - minute))).status).toBe(201);
    expect(problem(await notice(iso(api.time.now + minute)))).toEqual([409, 'no-trip-then']);
    fence += 1;
  });
});

test('who is erased leaves invoices that name nobody, and nothing else that is not owed', async () => {
  const { trip, person } = await used();
  const { reservationId } = trip;
  const order = { personId: person.personId, reservationId, kind: 'other', currency: 'EUR', reason: 'case 4711' };
  const paid = await staff('POST', '/charges', { ...order, amount: 500 });
  const [invoice] = (await api.call('GET', `${mine}/invoices`, { person })).json.items;
  const { personId } = person;
  const sha256 = (text: string) => createHash('sha256').update(text).digest();
  const erasure = begun(
    {
      ...{ erasureId: erasureIdOf('person', personId, sha256), subject: { kind: 'person', personId } },
      ...{ actor: { kind: 'client', id: client }, requestId: 'request-1' },
    },
    api.time.now,
  );
  const step = api.sharing.ledgerErasure;
  for (let after: string | undefined; ; ) {
    const found = await step.find(erasure, after);
    await step.erase(erasure, found.keys);
    if (found.next === undefined) break;
    after = found.next;
  }
  expect((await api.call('GET', `${mine}/invoices`, { person })).json.items).toEqual([]);
  expect((await staff('GET', `/invoices/${invoice.number}`)).json).toEqual(invoice);
  expect((await staff('GET', `/charges/${paid.json.chargeId}`)).json.personId).toMatch(/^erased-/);
});

describe('a month', () => {
  test('is told to its accountant, agrees with itself, and comes as a table', async () => {
    await used('sandbox-declined');
    const month = iso2(api.time.now - 16 * 24 * 60 * minute);
    const { json } = await staff('GET', `/accounts/${month}`);
    for (const { differences } of json.currencies) expect(differences).toEqual([]);
    expect(json).toMatchObject({ recounted: true, currencies: [{ currency: 'EUR' }] });
    expect(json.currencies[0].total.trips).toBeGreaterThan(3);
    const csv = await api.call('GET', `${theirs}/accounts/${month}`, { client, headers: { accept: 'text/csv' } });
    expect(csv.text.split('\r\n')[0]).toContain('day,currency,trips,charges');
    expect(problem(await staff('GET', `/accounts/${month}`, undefined, 'elsewhere-client'))[0]).toBe(404);
    const lines = await staff('GET', `/accounts/${month}/lines?limit=2`);
    const next = await staff('GET', `/accounts/${month}/lines?limit=2&cursor=${lines.json.nextCursor}`);
    const told = [...lines.json.items, ...next.json.items].map((line) => JSON.stringify(line));
    expect(new Set(told).size).toBe(4);
  });
});

function iso2(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

test('what a partner has paid is entered once and frees its credit, never above what it owes', async () => {
  const { sharing, time } = api;
  const clientId = 'sample-app';
  const partner = { clientId, name: 'Sample app', trusts: [], openPackages: 5, creditLimit: 1_000 };
  const seen = await sharing.setup.operator(operatorId);
  if (seen === undefined) throw new Error('no operator');
  await sharing.setup.saveOperator({ ...seen, partners: [partner], version: seen.version + 1 }, seen.version);
  const account = { operatorId, clientId, currency: 'EUR', aside: { 'rsv-held': 100 }, owed: 0, version: 1 };
  const entries = [used(), used()].map(async (use, place) => {
    const { reservationId } = (await use).trip;
    return { reservationId, kind: 'fare' as const, id: '', at: time.now + place, amount: 390 };
  });
  let before: typeof account | undefined;
  for (const entry of await Promise.all(entries)) {
    const next: typeof account = { ...account, owed: (before?.owed ?? 0) + 390, version: (before?.version ?? 0) + 1 };
    expect(await sharing.partnerBooks.accounts.enter(entry, next, before?.version)).toBe(true);
    before = next;
  }
  const path = `/partners/${clientId}`;
  const stands = async () => (await staff('GET', `${path}/account`)).json.accounts;
  expect(await stands()).toEqual([{ currency: 'EUR', owed: 780, aside: 100, left: 120 }]);
  const first = (await staff('GET', `${path}/account/EUR/entries?limit=1`)).json;
  expect([first.total, first.items.length]).toEqual([{ charged: 780, entries: 2 }, 1]);
  const rest = await staff('GET', `${path}/account/EUR/entries?limit=1&cursor=${first.nextCursor}`);
  expect(rest.json.items[0]).toMatchObject({ kind: 'fare', amount: 390 });

  // The partner reads the same, and goes on in the month that it began in.
  const asPartner = { client: clientId, scopes: ['book_for_customers'] as const };
  const journal = `/v1/tomp/${sampleSystem.systemId}/collections/payments/items`;
  const begun = (await api.call('GET', `${journal}?limit=1`, asPartner)).json;
  const month = iso2(time.now);
  const { href } = begun.links[0];
  const present = time.now;
  time.now = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1);
  const turned = await api.call('GET', href, asPartner);
  const cursor = new URL(href, 'https://api.example').searchParams.get('cursor');
  const unnamed = await api.call('GET', `${journal}?limit=1&cursor=${cursor}`, asPartner);
  time.now = present;
  const of = { month, total: { amount: 7.8 } };
  expect([begun.properties, turned.json.properties]).toMatchObject([of, of]);
  const pages = [begun, turned.json].map(({ features }) => features.map(({ id }: { id: string }) => id));
  expect([pages.map(({ length }) => length), new Set(pages.flat()).size]).toEqual([[1, 1], 2]);
  expect(problem(unnamed)).toEqual([400, 'bad-cursor']);

  const receipt = { receiptId: 'bank-1', amount: 500, currency: 'EUR', reference: 'First half' };
  const pays = (changes: object = {}, by = client) => staff('POST', `${path}/receipts`, { ...receipt, ...changes }, by);
  for (let round = 0; round < 2; round++) expect((await pays()).json).toMatchObject({ owed: 280, left: 620 });
  expect(await stands()).toEqual([{ currency: 'EUR', owed: 280, aside: 100, left: 620 }]);
  expect(problem(await pays({ amount: 400 }))).toEqual([422, 'receipt-contradicts']);
  expect(problem(await pays({ receiptId: 'bank-2', amount: 281 }))).toEqual([409, 'receipt-above-owed']);
  expect(problem(await pays({ receiptId: 'bank-2', currency: 'CHF' }))).toEqual([404, 'partner-account-not-found']);
  expect(problem(await pays({}, 'elsewhere-client'))).toEqual([404, 'operator-not-found']);
  expect(problem(await staff('GET', `${path}/account`, undefined, 'elsewhere-client'))).toEqual([
    ...[404, 'operator-not-found'],
  ]);
  expect(problem(await staff('GET', '/partners/nobody/account'))).toEqual([404, 'partner-account-not-found']);
  const narrow = await api.call('POST', `${theirs}${path}/receipts`, {
    ...{ client, scopes: ['read_accounts'], body: receipt },
  });
  expect(narrow.status).toBe(403);
});

const abroad = { vehicleId: aVehicleId() };

/** A city of another currency. */
async function zurich(): Promise<void> {
  const { setup } = api.sharing;
  const { systemId, vehicleTypeId } = { systemId: systemNamed('we-share-zurich'), vehicleTypeId: 'e-golf' };
  await setup.addSystem({ ...sampleSystem, systemId, market: marketNamed('CH'), currency: 'CHF' });
  await setup.addPlan(systemId, { ...samplePlan, currency: 'CHF' });
  await setup.addVehicle({
    ...{ ...abroad, systemId, operatorId, vehicleTypeId, label: 'ZH 1', speaks: 'device', version: 1 },
  });
}

describe('a business', () => {
  test('is invoiced once a month for what its members used, and who left books no more on it', async () => {
    const address = { street: 'Ring 5', postalCode: '38440', city: 'Wolfsburg', country: 'DE' };
    const order = {
      ...{ businessId: 'example', recipient: { name: 'Example AG', address, vatId: 'DE811115368' } },
      ...{ systemId: sampleSystem.systemId, costCentres: ['sales'], paymentMethod: 'sandbox-card' },
    };
    for (const status of [201, 200]) expect((await staff('POST', '/businesses', order)).status).toBe(status);
    const invitation = await staff('POST', '/businesses/example/invitations', { costCentre: 'sales', isAdmin: true });
    // Whoever reads the audit joins nothing by it.
    expect(JSON.stringify((await api.call('GET', '/v1/audit?limit=100')).json)).not.toContain(invitation.json.code);
    const use = await used('sandbox-card', { billTo: 'example' });
    // Whose use came before they joined: it stands on the account without a cost centre.
    const { person, trip } = use;
    const join = () => api.call('POST', `${mine}/memberships`, { person, body: { code: invitation.json.code } });
    expect((await join()).json).toMatchObject({ status: 'accepted', costCentre: 'sales', isAdmin: true });
    expect(problem(await join())).toEqual([404, 'invitation-not-found']);
    expect(problem(await api.call('POST', `${mine}/trips/${trip.reservationId}/invoice`, { person }))).toEqual([
      ...[409, 'nothing-to-invoice'],
    ]);
    const month = iso2(api.time.now);
    expect(problem(await staff('POST', `/businesses/example/invoices/${month}`, {}))).toEqual([409, 'month-not-over']);
    api.time.now += 31 * 24 * 60 * minute;
    const invoice = () => staff('POST', `/businesses/example/invoices/${month}`, {});
    const [first, again] = [await invoice(), await invoice()];
    expect(first.json).toMatchObject({ kind: 'business-month', amount: total, payment: { status: 'paid' } });
    expect(again.json).toEqual(first.json);
    const [{ document }] = (await staff('GET', `/accounts/${month}/lines?limit=100`)).json.items.filter(
      ({ about }: { about: string }) => about === first.json.chargeId,
    );
    const { supply } = (await staff('GET', `/invoices/${document}`)).json;
    expect(supply).toMatchObject({ from: `${month}-01` });
    expect(supply.to > `${month}-27`).toBe(true);
    const uses = await api.call('GET', `${mine}/memberships/example/uses/${month}`, { person });
    expect(uses.json.items).toMatchObject([{ amount: total, about: trip.reservationId }]);
    expect(JSON.stringify(uses.json)).not.toContain('latitude');
    const path = `/v1/sharing/vehicles/${trip.vehicleId}/trips/${trip.fence}/refunds`;
    const refund = { amount: 90, reason: 'agreed' };
    await api.call('POST', path, { client, body: refund, headers: { 'idempotency-key': 'late' } });
    const [owing, next] = [iso2(api.time.now), iso2(api.time.now + 31 * 24 * 60 * minute)];
    api.time.now += 31 * 24 * 60 * minute;
    for (let round = 0; round < 2; round++) {
      const asked = await staff('POST', `/businesses/example/invoices/${owing}`, {});
      expect([...problem(asked), asked.json.detail]).toEqual([
        ...[409, 'nothing-to-invoice', expect.stringContaining(`carried to ${next}`)],
      ]);
    }
    const stands = await staff('GET', '/businesses/example/months');
    const none = { currency: 'EUR', carried: 0 };
    expect(stands.json.items).toEqual([
      { ...none, month, used: total, amount: total, status: 'invoiced', chargeId: first.json.chargeId },
      { ...none, month: owing, used: -90, amount: -90, status: 'carried', carriedTo: next },
      { ...none, month: next, used: 0, carried: -90, amount: -90, status: 'open' },
    ]);
    const { nextCursor } = (await staff('GET', '/businesses/example/months?limit=2')).json;
    const rest = await staff('GET', `/businesses/example/months?limit=2&cursor=${nextCursor}`);
    expect(rest.json.items).toEqual(stands.json.items.slice(2));
    expect(problem(await staff('GET', '/businesses/example/months', undefined, 'elsewhere-client'))[0]).toBe(404);
    await zurich();
    const there = await api.call('POST', `${mine}/reservations`, { person, body: { ...abroad, billTo: 'example' } });
    expect(problem(there)).toEqual([409, 'business-cannot-pay']);
    const moved = (systemId: string) => staff('PATCH', '/businesses/example', { systemId });
    expect(problem(await moved('we-share-zurich'))).toEqual([400, 'currency-other']);
    expect(problem(await moved('of-another'))).toEqual([404, 'system-not-found']);
    await api.call('DELETE', `${mine}/memberships/example`, { person });
    const hold = await api.call('POST', `${mine}/reservations`, {
      ...{ person, body: { vehicleId: vehicle.vehicleId, billTo: 'example' } },
    });
    expect(problem(hold)).toEqual([403, 'not-a-member']);
    expect(problem(await staff('GET', '/businesses/nowhere'))).toEqual([404, 'business-not-found']);
  });

  test('that does not pay pays for no further hold, until what it owes came by transfer or was given up', async () => {
    const recipient = {
      name: 'Poor AG',
      address: { street: 'Ring 5', postalCode: '38440', city: 'Wolfsburg', country: 'DE' },
    };
    const businessId = 'poor';
    const order = { businessId, recipient, systemId: sampleSystem.systemId, costCentres: [] };
    await staff('POST', '/businesses', { ...order, paymentMethod: 'sandbox-declined' });
    const { code } = (await staff('POST', '/businesses/poor/invitations', {})).json;
    const { person } = await used('sandbox-card', { billTo: businessId });
    await api.call('POST', `${mine}/memberships`, { person, body: { code } });
    const month = iso2(api.time.now);
    api.time.now += 31 * 24 * 60 * minute;
    const asked = await staff('POST', `/businesses/poor/invoices/${month}`, {});
    expect(asked.json.payment).toMatchObject({ status: 'owed', owed: total });
    const hold = (billTo?: string) => {
      const body = { vehicleId: vehicle.vehicleId, ...(billTo !== undefined && { billTo }) };
      return api.call('POST', `${mine}/reservations`, { person, body });
    };
    expect(problem(await hold(businessId))).toEqual([409, 'business-debt-open']);
    // Their own money is as good as ever: what stands against it is the vehicle, which nobody has put into service.
    const own = problem(await hold());
    expect(own[1]).not.toBe('business-debt-open');
    const receivedOn = new Date(api.time.now).toISOString().slice(0, 10);
    const receipt = { receiptId: 'bank-1', month, amount: 100, currency: 'EUR', receivedOn };
    const pays = (changes: object = {}, by = client) =>
      staff('POST', '/businesses/poor/receipts', { ...receipt, ...changes }, by);
    const part = { payment: { status: 'owed', taken: 100, owed: total - 100 }, receipts: [{ receiptId: 'bank-1' }] };
    for (let round = 0; round < 2; round++) expect((await pays()).json).toMatchObject(part);
    expect(problem(await pays({ amount: 101 }))).toEqual([422, 'receipt-contradicts']);
    expect(problem(await pays({ receiptId: 'bank-2', amount: total - 99 }))).toEqual([409, 'receipt-above-owed']);
    expect(problem(await pays({ receiptId: 'bank-2', currency: 'CHF' }))).toEqual([400, 'currency-other']);
    expect(problem(await pays({ receiptId: 'bank-2', receivedOn: `${month}-01` }))).toEqual([422, 'receipt-day-wrong']);
    expect(problem(await pays({ receiptId: 'bank-2', month: '2020-01' }))).toEqual([404, 'invoice-not-found']);
    expect(problem(await pays({}, 'elsewhere-client'))).toEqual([404, 'operator-not-found']);
    expect((await staff('GET', '/businesses/poor')).json.owed).toBe(total - 100);
    expect(problem(await hold(businessId))).toEqual([409, 'business-debt-open']);
    const narrow = await api.call('POST', `${theirs}/businesses/poor/receipts`, {
      ...{ client, scopes: ['read_accounts'], body: receipt },
    });
    expect(narrow.status).toBe(403);
    // What came is none of what can be given up.
    const { chargeId } = asked.json;
    const less = { decision: 'reduce', amount: total - 99, reason: 'agreed' };
    expect(problem(await staff('POST', `/charges/${chargeId}/decision`, less))).toEqual([409, 'credit-above-invoice']);
    await staff('POST', `/charges/${chargeId}/decision`, { ...less, amount: 50 });
    const whole = await pays({ receiptId: 'bank-2', amount: total - 150 });
    expect(whole.json.payment).toEqual({ status: 'paid', taken: total - 50, owed: 0 });
    expect((await staff('POST', `/businesses/poor/invoices/${month}`, {})).json).toEqual(whole.json);
    expect((await staff('GET', '/businesses/poor')).json.owed).toBe(0);
    expect(problem(await hold(businessId))).toEqual(own);
    for (const one of [month, receivedOn.slice(0, 7)]) {
      const { currencies } = (await staff('GET', `/accounts/${one}`)).json;
      for (const { differences } of currencies) expect(differences).toEqual([]);
    }
    const { items } = (await staff('GET', `/accounts/${receivedOn.slice(0, 7)}/lines?limit=100`)).json;
    const came = items.filter(({ about, kind }: Record<string, string>) => about === chargeId && kind === 'collected');
    expect(came).toMatchObject([
      { transfer: 'bank-1', amount: 100, day: receivedOn, taxes: [] },
      { transfer: 'bank-2', amount: total - 150 },
    ]);
  });
});
