import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharingRoutes } from '#functions/api/sharing-routes.ts';
import { ended, paused, started } from '#shared/sharing/bookings/use.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';
import { aTrip } from '../../contract/trip-repositories.ts';
import {
  electricCar,
  operatorId as operatorNamed,
  sampleOperator,
  samplePlan,
  sampleSystem,
} from '../../support/sharing-city.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import type { TestPerson } from './test-ownership.ts';

const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const mine = `/v1/me/sharing/${operatorId}`;
const desk = `/v1/sharing/operators/${operatorId}`;
const minute = 60_000;
const day = 24 * 60 * minute;
const papers = { bornOn: '1990-05-31', licence: { classes: ['B'], validUntil: '2041-05-31' } };
let api: TestApi;
/** Every answer that a driver got, with whose it was. */
const told: { readonly to: string; readonly body: string }[] = [];
const persons: string[] = [];

beforeAll(async () => {
  api = await startTestApi();
  for (const client of ['staff', 'others']) await api.letIn(client, 'volkswagen');
  const { setup } = api.sharing;
  await setup.addOperator({ ...sampleOperator, clientIds: ['staff'] });
  await setup.addOperator({ ...sampleOperator, operatorId: operatorNamed('elsewhere'), clientIds: ['others'] });
  await setup.addSystem({ ...sampleSystem, damageExcess: 50_000 });
  await setup.addPlan(systemId, samplePlan);
});
afterAll(() => api.stop());

const code = (answer: { status: number; json: { type?: string } }) => [
  ...[answer.status, answer.json.type?.replace('/docs#problem-', '')],
];
const staff = (method: string, path: string, body?: object, client = 'staff') =>
  api.call(method, path, { client, ...(body !== undefined && { body }) });

/** Somebody who has, or had, a vehicle. */
interface Use {
  readonly person: TestPerson;
  readonly vehicleId: string;
  readonly reservationId: ReservationId;
  readonly fence: number;
  readonly path: string;
}

async function as(person: TestPerson, method: string, path: string, body?: object) {
  const answer = await api.call(method, path, { person, ...(body !== undefined && { body }) });
  told.push({ to: person.personId, body: JSON.stringify(answer.json) });
  return answer;
}

async function aDriver(): Promise<TestPerson> {
  const person = { personId: aPersonId(), username: 'driver' };
  persons.push(person.personId);
  await as(person, 'POST', `${mine}/account`, { paymentMethod: 'pm-visa' });
  expect((await staff('POST', `${desk}/drivers/${person.personId}/verify`, papers)).status).toBe(200);
  return person;
}

async function aCar(): Promise<string> {
  const vehicleId = aVehicleId();
  const facts = { vehicleId, systemId, operatorId, vehicleTypeId: electricCar.vehicleTypeId };
  const more = { label: `B-${vehicleId.slice(-6)}`, speaks: 'device' as const, logKey: 'told', version: 1 };
  await api.sharing.setup.addVehicle({ ...facts, ...more });
  await api.sharing.services.bookings.enterService(facts);
  return vehicleId;
}

async function holds(person: TestPerson, vehicleId: string): Promise<Use> {
  const held = await as(person, 'POST', `${mine}/reservations`, { vehicleId });
  expect(code(held)).toEqual([201, undefined]);
  const { reservationId } = held.json;
  const { fence = 0 } = (await api.sharing.bookingRepository.vehicle(vehicleId)) ?? {};
  return { person, vehicleId, reservationId, fence, path: `${mine}/reservations/${reservationId}` };
}

const lines = new Map<string, number>();
const decisions = { started, paused, ended };
/** The vehicle's log says so. */
async function says(use: Use, what: keyof typeof decisions): Promise<void> {
  const { vehicleId, reservationId, fence, person } = use;
  const at = api.time.now;
  const sequence = (lines.get(vehicleId) ?? 0) + 1;
  lines.set(vehicleId, sequence);
  const line = { reservationId, fence, at, position: { boot: 1, sequence }, readAt: at };
  const { bookings } = api.sharing.services;
  await bookings.change(vehicleId, (seen) => decisions[what](seen, line));
  if (what !== 'ended') return;
  await bookings.vacate({ operatorId, personId: person.personId }, reservationId);
  const start = { at: at - 10 * minute, odometer: 1_000, charge: 80 };
  const course = { start, pauses: [], flaws: [], end: { ...start, at, by: 'driver' as const } };
  const ids = { vehicleId, reservationId, fence, personId: person.personId };
  await api.sharing.trips.save(
    aTrip({ ...ids, heldAt: at - 11 * minute, release: { at, why: 'ended' }, course }),
    undefined,
  );
}

async function drives(person: TestPerson, vehicleId: string): Promise<Use> {
  const use = await holds(person, vehicleId);
  api.time.now += minute;
  await says(use, 'started');
  return use;
}

async function drove(person: TestPerson, vehicleId: string): Promise<Use> {
  const use = await drives(person, vehicleId);
  api.time.now += 10 * minute;
  await says(use, 'ended');
  api.time.now += minute;
  return use;
}

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
let shots = 0;
function newShot(): Buffer {
  shots += 1;
  return Buffer.concat([jpeg, Buffer.from([shots])]);
}

function order(moment: string, bytes: Uint8Array = newShot()) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, body: { moment, contentType: 'image/jpeg', bytes: bytes.length, sha256 } };
}

/** Ordered, sent, and there. @returns its id */
async function photographs({ person, path }: Use, moment: string): Promise<string> {
  const { bytes, body } = order(moment);
  const ordered = await as(person, 'POST', `${path}/photos`, body);
  expect(code(ordered)).toEqual([201, undefined]);
  api.sharing.photos.put(ordered.json.upload.url, bytes, body.sha256);
  const there = await as(person, 'POST', `${path}/photos/${ordered.json.photoId}/complete`);
  expect(there).toMatchObject({ status: 200, json: { status: 'there' } });
  return ordered.json.photoId;
}

test('a photo is refused by its size, its type and its moment before it is sent, and by its first bytes after', async () => {
  const use = await holds(await aDriver(), await aCar());
  const photos = `${use.path}/photos`;
  const refuses = async (moment: string, more: object) =>
    code(await as(use.person, 'POST', photos, { ...order(moment).body, ...more }));
  expect(await refuses('start', { bytes: 100_000_000 })).toEqual([413, 'photo-too-large']);
  expect(await refuses('start', { contentType: 'application/pdf' })).toEqual([400, 'photo-type-not-accepted']);
  expect(await refuses('end', {})).toEqual([409, 'photo-moment-over']);
  expect(await refuses('start', { sha256: 'x' })).toEqual([400, 'invalid-body']);
  const { bytes, body } = order('start', Buffer.from('%PDF-1.7 this is no photo'));
  const ordered = await as(use.person, 'POST', photos, body);
  const again = await as(use.person, 'POST', photos, body);
  expect(again.json.photoId).toBe(ordered.json.photoId);
  const complete = `${photos}/${ordered.json.photoId}/complete`;
  expect(code(await as(use.person, 'POST', complete))).toEqual([409, 'photo-not-there']);
  api.sharing.photos.put(ordered.json.upload.url, bytes, body.sha256);
  expect(code(await as(use.person, 'POST', complete))).toEqual([422, 'photo-refused']);
  expect(code(await as(use.person, 'POST', complete))).toEqual([422, 'photo-refused']);
  expect([...api.sharing.photos.files.keys()].some((key) => key.includes(use.reservationId))).toBe(false);
  const orders = Array.from({ length: 13 }, () => order('start').body);
  const statuses = [];
  for (const one of orders) statuses.push((await as(use.person, 'POST', photos, one)).status);
  expect(statuses).toEqual([...Array.from({ length: 12 }, () => 201), 409]);
});

test('thirteen photos at once are twelve, and a stranger sees none of them', async () => {
  const use = await holds(await aDriver(), await aCar());
  const answers = await Promise.all(
    Array.from({ length: 14 }, () => as(use.person, 'POST', `${use.path}/photos`, order('start').body)),
  );
  const made = answers.filter(({ status }) => status === 201).length;
  expect(made).toBeLessThanOrEqual(12);
  const { photos } = (await as(use.person, 'GET', `${use.path}/photos`)).json;
  expect(photos).toHaveLength(made);
  const stranger = await aDriver();
  for (const what of ['photos', 'damages', 'card', 'openings']) {
    expect(code(await as(stranger, 'GET', `${use.path}/${what}`)), what).toEqual([404, 'reservation-not-found']);
  }
  const theirs = `${use.path}/photos/${photos[0].photoId}/complete`;
  expect(code(await as(stranger, 'POST', theirs))).toEqual([404, 'reservation-not-found']);
  const elsewhere = `/v1/sharing/operators/elsewhere/reservations/${use.reservationId}/photos`;
  expect((await staff('GET', elsewhere, undefined, 'others')).json).toEqual({ photos: [] });
  const foreign = await staff('GET', `${desk}/reservations/${use.reservationId}/photos`, undefined, 'others');
  expect(code(foreign)).toEqual([404, 'operator-not-found']);
});

test('staff sees who had it between clean and damaged, decides once, and the excess is charged once', async () => {
  const [clean, guilty, finder, car] = [await aDriver(), await aDriver(), await aDriver(), await aCar()];
  const first = await drove(clean, car);
  const second = await drives(guilty, car);
  await photographs(second, 'start');
  api.time.now += minute;
  await says(second, 'ended');
  await photographs(second, 'end');
  const third = await holds(finder, car);
  const photoId = await photographs(third, 'damage');
  const content = { place: 'front-left', severity: 'drivable', text: 'Dent in the wing' };
  const early = { ...content, photoIds: [photoId.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))] };
  expect(code(await as(finder, 'POST', `${third.path}/damages`, early))).toEqual([404, 'photo-not-found']);
  const reported = await as(finder, 'POST', `${third.path}/damages`, { ...content, photoIds: [photoId] });
  expect(reported).toMatchObject({ status: 201, json: { place: 'front-left', severity: 'drivable' } });
  const { damageId } = reported.json;
  expect(api.sharing.raised).toContainEqual(expect.objectContaining({ taskId: damageId, kind: 'inspect' }));

  const file = (await staff('GET', `${desk}/damages/${damageId}`)).json;
  expect(file.damage).toMatchObject({ reporter: { kind: 'driver', personId: finder.personId, seen: 'before' } });
  expect(file.photos).toMatchObject([{ photoId, link: { url: expect.stringContaining('/damages/') } }]);
  expect(file.uses.map(({ reservationId }: Use) => reservationId)).toEqual([
    ...[third.reservationId, second.reservationId, first.reservationId],
  ]);
  expect(file.uses[1]).toMatchObject({ start: [{ moment: 'start' }], end: [{ moment: 'end' }] });
  // Of the use before the damage: kept for years, beside what the lifecycle takes after a month.
  expect(file.uses[1].start[0].link.url).toContain('/damages/');

  const decide = (body: object) => staff('POST', `${desk}/damages/${damageId}/decision`, { reason: 'Case 1', ...body });
  const liable = { outcome: 'driver-liable', reservationId: second.reservationId };
  expect(code(await decide({ outcome: 'driver-liable' }))).toEqual([422, 'liability-incomplete']);
  expect(code(await decide({ ...liable, amount: 50_001 }))).toEqual([422, 'damage-excess-exceeded']);
  const stranger = await drove(await aDriver(), await aCar());
  const other = { ...liable, reservationId: stranger.reservationId, amount: 100 };
  expect(code(await decide(other))).toEqual([422, 'use-unknown']);
  expect(api.sharing.charged).toEqual([]);
  const charge = { chargeId: damageId.replace('dmg', 'chg'), reservationId: second.reservationId, currency: 'EUR' };
  api.sharing.ledgerFails.next = true;
  expect((await decide({ ...liable, amount: 42_000 })).status).toBe(500);
  // Decided, and still on the desk: whoever forgets it would have given it away.
  const [broken] = (await staff('GET', `${desk}/damages`)).json.items;
  expect(broken).toMatchObject({ damageId, verdict: { charge: { ...charge, amount: 42_000, open: true } } });
  for (const _ of [1, 2]) {
    const decided = await decide({ ...liable, amount: 42_000 });
    expect(decided).toMatchObject({ status: 200, json: { verdict: { charge: { amount: 42_000 } } } });
    expect(decided.json.verdict.charge).toEqual({ ...charge, amount: 42_000 });
  }
  const ids = new Set(api.sharing.charged.map(({ chargeId }) => chargeId));
  expect(ids.size).toBe(1);
  expect(api.sharing.charged[0]).toMatchObject({ personId: guilty.personId, kind: 'damage-excess', amount: 42_000 });
  expect(code(await decide({ outcome: 'wear' }))).toEqual([409, 'damage-decided']);
  expect((await staff('GET', `${desk}/damages`)).json.items).toEqual([]);

  const known = (await as(finder, 'GET', `${third.path}/damages`)).json.items;
  expect(known).toEqual([reported.json]);
  await decide({ outcome: 'repaired' });
  expect((await as(finder, 'GET', `${third.path}/damages`)).json.items).toEqual([]);
  api.time.now += 2 * day;
  await staff('POST', `/v1/sharing/vehicles/${car}/damages`, content);
  expect((await as(guilty, 'GET', `${second.path}/damages`)).json.items).toEqual([]);
  const all = `/v1/sharing/vehicles/${car}/damages`;
  expect((await staff('GET', all)).json.items).toMatchObject([{}, { damageId, repairedAt: expect.anything() }]);
  expect(code(await staff('GET', all, undefined, 'others'))).toEqual([404, 'shared-vehicle-not-found']);
});

test('what is not drivable leaves service with whoever drives it; nobody is stopped for it', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const use = await drives(person, car);
  const report = { place: 'wheels', severity: 'not-drivable', text: 'Flat tyre' };
  for (const text of ['\ud800', 'a\u0000b', '\u202emoc.live', ' \n ']) {
    const answer = await as(person, 'POST', `${use.path}/damages`, { ...report, text });
    expect(code(answer), JSON.stringify(text)).toEqual([400, 'invalid-body']);
  }
  const text = 'Flat tyre,\nfront left 👨‍👩‍👧';
  expect((await as(person, 'POST', `${use.path}/damages`, { ...report, text })).status).toBe(201);
  expect(await api.sharing.bookingRepository.vehicle(car)).toMatchObject({ state: 'on_trip', grounded: true });
  await says(use, 'ended');
  expect(await api.sharing.bookingRepository.vehicle(car)).toMatchObject({
    ...{ state: 'non_operational', outOfService: 'maintenance' },
  });
  const parked = await aCar();
  const found = await staff('POST', `/v1/sharing/vehicles/${parked}/damages`, report);
  expect(await api.sharing.bookingRepository.vehicle(parked)).toMatchObject({ state: 'non_operational' });
  const path = `${desk}/damages/${found.json.damageId}/photos`;
  const { bytes, body } = order('damage');
  const ordered = await staff('POST', path, body);
  api.sharing.photos.put(ordered.json.upload.url, bytes, body.sha256);
  expect((await staff('POST', `${path}/${ordered.json.photoId}/complete`)).json.status).toBe('there');
  const { json } = await staff('GET', `${desk}/damages/${found.json.damageId}`);
  expect(json).toMatchObject({ photos: [{ status: 'there' }], damage: { reporter: { clientId: 'staff' } } });
});

test('dirt is the former driver’s for ten minutes, who pays for it at most what they agreed to', async () => {
  const [before, after, car] = [await aDriver(), await aDriver(), await aCar()];
  const former = await drove(before, car);
  const use = await drives(after, car);
  const report = { level: 'very-dirty', text: 'Mud on the seats' };
  const reported = await as(after, 'POST', `${use.path}/dirt`, report);
  expect(reported.status).toBe(201);
  const { dirtId } = reported.json;
  expect(api.sharing.raised).toContainEqual(expect.objectContaining({ taskId: dirtId, kind: 'clean' }));
  api.time.now += 11 * minute;
  expect(code(await as(after, 'POST', `${use.path}/dirt`, report))).toEqual([409, 'report-too-late']);
  const pays = (use_: Use) => ({
    outcome: 'driver-pays',
    reason: 'Cleaned',
    amount: 4_500,
    reservationId: use_.reservationId,
  });
  const decide = (body: object) => staff('POST', `${desk}/dirt/${dirtId}/decision`, body);
  expect(code(await decide(pays(use)))).toEqual([422, 'use-unknown']);
  await says(use, 'ended');
  const later = await drove(await aDriver(), car);
  expect(code(await decide(pays(later)))).toEqual([422, 'use-unknown']);
  api.sharing.ledgerFails.next = true;
  expect((await decide(pays(former))).status).toBe(500);
  const [broken] = (await staff('GET', `${desk}/dirt`)).json.items;
  expect(broken).toMatchObject({ dirtId, done: { charge: { amount: 4_500, open: true } } });
  expect((await decide(pays(former))).json.done.charge.open).toBeUndefined();
  expect(api.sharing.charged.at(-1)).toMatchObject({ kind: 'cleaning', personId: before.personId, amount: 4_500 });
  expect(code(await decide({ outcome: 'unfounded', reason: 'It was not' }))).toEqual([409, 'dirt-decided']);
  expect((await staff('GET', `${desk}/dirt`)).json.items).toEqual([]);
});

test('what was lost and found comes together by vehicle and time, and goes back through the operator', async () => {
  const [loser, car] = [await aDriver(), await aCar()];
  const use = await drove(loser, car);
  const lost = await as(loser, 'POST', `${use.path}/lost-items`, { kind: 'phone', text: 'Black' });
  expect(lost).toMatchObject({ status: 201, json: { status: 'lost' } });
  const finds = (vehicleId: string, kind: string, at: number) =>
    staff('POST', `/v1/sharing/vehicles/${vehicleId}/found-items`, {
      ...{ kind, text: 'Under a seat', at: new Date(at).toISOString() },
    });
  const elsewhere = await finds(await aCar(), 'phone', api.time.now);
  const before = await finds(car, 'phone', api.time.now - 60 * minute);
  const bag = await finds(car, 'bag', api.time.now);
  const phone = await finds(car, 'phone', api.time.now + minute);
  const path = (id: string) => `${desk}/lost-items/${id}`;
  const { suggestions } = (await staff('GET', path(lost.json.itemId))).json;
  expect(suggestions.map(({ itemId }: { itemId: string }) => itemId)).toEqual([phone.json.itemId, bag.json.itemId]);
  const step = (id: string, body: object) => staff('POST', `${path(id)}/step`, body);
  for (const { json } of [elsewhere, before]) {
    const refused = await step(lost.json.itemId, { to: 'matched', with: json.itemId });
    expect(code(refused)).toEqual([422, 'lost-items-do-not-fit']);
  }
  expect(code(await step(lost.json.itemId, { to: 'returned' }))).toEqual([409, 'lost-item-step-impossible']);
  const match = { to: 'matched', with: phone.json.itemId, pickUp: 'Our office' };
  for (const _ of [1, 2]) expect((await step(lost.json.itemId, match)).status).toBe(200);
  expect((await as(loser, 'GET', `${mine}/lost-items`)).json.items).toMatchObject([
    { itemId: lost.json.itemId, status: 'matched', pickUp: 'Our office' },
  ]);
  const taken = await step(bag.json.itemId, { to: 'matched', with: lost.json.itemId });
  expect(code(taken)).toEqual([409, 'lost-item-step-impossible']);
  expect((await staff('GET', path(bag.json.itemId))).json.item.status).toBe('found');
  expect((await step(phone.json.itemId, { to: 'returned' })).json.status).toBe('returned');
  expect((await as(loser, 'GET', `${mine}/lost-items`)).json.items).toMatchObject([{ status: 'returned' }]);
  expect((await step(bag.json.itemId, { to: 'disposed' })).json.status).toBe('disposed');
  api.time.now += 61 * day;
  const late = await as(loser, 'POST', `${use.path}/lost-items`, { kind: 'phone', text: 'Black' });
  expect(code(late)).toEqual([409, 'report-too-late']);
});

test('what two have lost is found once: the other is never told that it waits, and of what is disposed of both halves are', async () => {
  const car = await aCar();
  const losers = [await aDriver(), await aDriver()];
  const lost = [];
  for (const one of losers) {
    const use = await drove(one, car);
    lost.push((await as(one, 'POST', `${use.path}/lost-items`, { kind: 'phone', text: 'Black' })).json.itemId);
  }
  const at = new Date(api.time.now).toISOString();
  const found = await staff('POST', `/v1/sharing/vehicles/${car}/found-items`, { kind: 'phone', text: 'Black', at });
  const { itemId } = found.json;
  const step = (id: string, body: object) => staff('POST', `${desk}/lost-items/${id}/step`, body);
  const match = (with_: string) => step(itemId, { to: 'matched', with: with_, pickUp: 'Our office' });
  const answers = await Promise.all(lost.map(match));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  const statuses = async () => {
    const mine_ = losers.map((one) => as(one, 'GET', `${mine}/lost-items`));
    return (await Promise.all(mine_)).map(({ json }) => json.items[0].status);
  };
  const told_ = answers.map(({ status }) => (status === 200 ? 'matched' : 'lost'));
  expect(await statuses()).toEqual(told_);
  for (const id of lost) await match(id);
  expect(await statuses()).toEqual(told_);
  expect((await step(itemId, { to: 'disposed' })).json.status).toBe('disposed');
  expect(await statuses()).toEqual(told_.map((status) => (status === 'matched' ? 'disposed' : status)));
});

test('a PIN is shown to who drives, while they drive, five times an hour, and stands in no list', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const path = `/v1/sharing/vehicles/${car}/card`;
  const card = { type: 'charge', provider: 'Charge Network', lastFour: '4711' };
  const keyed = { client: 'staff', body: { ...card, pin: '9182' }, headers: { 'idempotency-key': 'of-the-card' } };
  const set = await api.call('POST', path, keyed);
  // Neither the PIN nor a hash by which one finds it.
  expect((await api.call('POST', path, { ...keyed, body: { ...card, pin: '9183' } })).status).toBe(200);
  expect((await api.call('POST', path, keyed)).status).toBe(200);
  expect(set.json).toEqual({ vehicleId: car, ...card, hasPin: true });
  expect((await staff('GET', path)).json).toEqual(set.json);
  const use = await holds(person, car);
  const show = () => as(person, 'GET', `${use.path}/card`);
  expect(code(await show())).toEqual([409, 'card-only-in-trip']);
  await says(use, 'started');
  const shown = await show();
  expect([shown.json, shown.headers.get('cache-control')]).toEqual([{ ...set.json, pin: '9182' }, 'no-store']);
  for (const _ of [2, 3, 4, 5]) expect((await show()).status).toBe(200);
  const refused = await show();
  expect(code(refused)).toEqual([429, 'card-asked-too-often']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  api.time.now += 60 * minute;
  expect((await show()).status).toBe(200);
  await says(use, 'ended');
  expect(code(await show())).toEqual([409, 'card-only-in-trip']);
  await staff('DELETE', path);
  expect(code(await staff('GET', path))).toEqual([404, 'card-not-found']);
  const audited = await api.call('GET', `/v1/audit?personId=${person.personId}&limit=100`);
  const shows = audited.json.items.filter(({ action }: { action: string }) => action === 'sharing-card.show');
  expect(shows).toHaveLength(18);
  expect(JSON.stringify([audited.json, api.lines])).not.toContain('9182');
});

test('own money is given back by its receipt, once it is approved', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const use = await drives(person, car);
  const photoId = await photographs(use, 'receipt');
  const expense = { kind: 'charging', amount: 1_240, photoId };
  const other = { ...expense, photoId: await photographs(use, 'start') };
  expect(code(await as(person, 'POST', `${use.path}/expenses`, other))).toEqual([404, 'photo-not-found']);
  const reported = await as(person, 'POST', `${use.path}/expenses`, expense);
  expect((await as(person, 'POST', `${use.path}/expenses`, expense)).json).toEqual(reported.json);
  const twice = await as(person, 'POST', `${use.path}/expenses`, { ...expense, amount: 1_250 });
  expect(code(twice)).toEqual([409, 'receipt-reported']);
  expect(reported).toMatchObject({ status: 201, json: { amount: 1_240, currency: 'EUR', status: 'reported' } });
  const path = `${desk}/expenses/${reported.json.expenseId}`;
  expect((await staff('GET', path)).json).toMatchObject({
    receipt: { photoId },
    expense: { personId: person.personId },
  });
  const approved = { status: 'approved', reason: 'No card was taken there' };
  for (const _ of [1, 2]) expect((await staff('POST', `${path}/decision`, approved)).json.status).toBe('approved');
  expect(code(await staff('POST', `${path}/decision`, { ...approved, status: 'declined' }))).toEqual([
    ...[409, 'expense-decided'],
  ]);
  expect((await as(person, 'GET', `${mine}/expenses`)).json.items).toMatchObject([{ status: 'approved' }]);
});

test('a licence is looked at again: reminded before, refused after, renewed by photos, and who drives goes on', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const account = async () => (await as(person, 'GET', `${mine}/account`)).json;
  expect(await account()).toMatchObject({ licenceCheck: 'fine' });
  api.time.now += 151 * day;
  expect(await account()).toMatchObject({ licenceCheck: 'soon' });
  const use = await drives(person, car);
  api.time.now += 30 * day;
  expect(await account()).toMatchObject({ licenceCheck: 'due' });
  await says(use, 'ended');
  const refused = await as(person, 'POST', `${mine}/reservations`, { vehicleId: car });
  expect(code(refused)).toEqual([403, 'licence-recheck-due']);
  const recheck = () => staff('POST', `${desk}/drivers/${person.personId}/licence/recheck`, {});
  expect(code(await recheck())).toEqual([409, 'licence-photos-missing']);
  for (const moment of ['licence-front', 'licence-back']) {
    const { bytes, body } = order(moment);
    const ordered = await as(person, 'POST', `${mine}/licence/photos`, body);
    api.sharing.photos.put(ordered.json.upload.url, bytes, body.sha256);
  }
  expect((await staff('GET', `${desk}/drivers/${person.personId}/licence/photos`)).json.photos).toMatchObject([
    ...[{ status: 'there' }, { status: 'there' }],
  ]);
  expect((await recheck()).json).toMatchObject({ licenceCheck: 'fine' });
  expect([...api.sharing.photos.files.keys()].some((key) => key.startsWith('licences/'))).toBe(false);
  expect((await as(person, 'GET', `${mine}/licence/photos`)).json.photos).toEqual([]);
  await holds(person, car);
});

test('support opens the paused trip of who is named, and nothing else, three times an hour', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const use = await holds(person, car);
  const { reservationId } = use;
  const opens = (more: object = {}, client = 'staff') =>
    staff(
      'POST',
      `/v1/sharing/vehicles/${car}/support-openings`,
      {
        ...{ reservationId, reason: 'Phone in the car, case 1', proof: 'Date of birth', ...more },
      },
      client,
    );
  expect(code(await opens())).toEqual([409, 'support-opening-impossible']);
  await says(use, 'started');
  expect(code(await opens())).toEqual([409, 'support-opening-impossible']);
  await says(use, 'paused');
  expect(code(await opens({ proof: '' }))).toEqual([400, 'invalid-body']);
  expect(code(await opens({}, 'others'))).toEqual([404, 'shared-vehicle-not-found']);
  const another = reservationId.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
  expect(code(await opens({ reservationId: another }))).toEqual([409, 'reservation-not-present']);
  const before = api.sharing.opened.length;
  for (const _ of [1, 2, 3]) expect((await opens()).status).toBe(202);
  expect(code(await opens())).toEqual([429, 'support-opening-too-often']);
  expect(api.sharing.opened.slice(before)).toEqual([car, car, car]);
  const seen = (await as(person, 'GET', `${use.path}/openings`)).json.openings;
  expect(seen).toHaveLength(3);
  expect(Object.keys(seen[0])).toEqual(['openingId', 'at', 'until', 'by']);
  await says(use, 'ended');
  expect(code(await opens())).toEqual([409, 'reservation-not-present']);
});

test('who is erased leaves what is broken, and nothing of theirs', async () => {
  const [person, car] = [await aDriver(), await aCar()];
  const use = await drives(person, car);
  const photoId = await photographs(use, 'damage');
  const receipt = await photographs(use, 'receipt');
  const report = { place: 'roof', severity: 'cosmetic', text: 'It was me', photoIds: [photoId] };
  const { damageId } = (await as(person, 'POST', `${use.path}/damages`, report)).json;
  await as(person, 'POST', `${use.path}/expenses`, { kind: 'charging', amount: 100, photoId: receipt });
  await as(person, 'POST', `${use.path}/dirt`, { level: 'dirty', text: 'Sand' });
  await says(use, 'paused');
  await staff('POST', `/v1/sharing/vehicles/${car}/support-openings`, {
    ...{ reservationId: use.reservationId, reason: 'Phone in the car', proof: 'Date of birth' },
  });
  await says(use, 'ended');
  await as(person, 'POST', `${use.path}/lost-items`, { kind: 'keys', text: 'Mine' });
  await as(person, 'POST', `${mine}/licence/photos`, order('licence-front').body);
  const { erasure, photos } = api.sharing;
  const { keys } = await erasure.recordsOf(person.personId, undefined, 100);
  expect(keys.map((key) => key.split('#')[0])).toEqual([
    ...['album', 'album', 'damage', 'dirt', 'expense', 'item', 'opening'],
  ]);
  expect(keys.join()).not.toContain(person.personId);
  for (const _ of [1, 2]) for (const key of keys) await erasure.forget(person.personId, key);
  expect((await erasure.recordsOf(person.personId, undefined, 100)).keys).toEqual([]);
  expect([...photos.files.keys()].some((key) => key.includes(use.reservationId))).toBe(false);
  const { items } = (await staff('GET', `/v1/sharing/vehicles/${car}/damages`)).json;
  expect(items).toMatchObject([{ damageId, place: 'roof', text: '', reporter: { kind: 'forgotten' } }]);
  for (const what of ['dirt', 'lost-items', 'expenses', 'damages']) {
    const open = JSON.stringify((await staff('GET', `${desk}/${what}?limit=100`)).json);
    for (const theirs of [person.personId, 'It was me', 'Mine', 'Sand']) expect(open, what).not.toContain(theirs);
  }
});

/** Ids of every kind, of the right form: whoever looks for what they name before asking whose it is gives itself away. */
function idsOf(use: Use): Readonly<Record<string, string>> {
  const tail = '1k2c4sq00abcdefghijklmnopqrst';
  const plain = { businessId: 'b', month: '2026-11', number: 'WS-2026-000001', clientId: 'c', currency: 'EUR' };
  const named = { planId: samplePlan.planId, feedId: 'f', taskId: 'tsk-x', version: '1', process: 'x' };
  const care = { photoId: `pho-${tail}`, damageId: `dmg-${tail}`, dirtId: `drt-${tail}`, itemId: `itm-${tail}` };
  const ids = { expenseId: `exp-${tail}`, chargeId: `chg-${tail}`, deviceId: aPersonId(), fence: String(use.fence) };
  const { vehicleId, reservationId, person } = use;
  const { personId } = person;
  return { ...plain, ...named, ...care, ...ids, operatorId, systemId, vehicleId, reservationId, personId };
}

const needed: Readonly<Record<string, string>> = {
  listRecentMdsEvents: `?start_time=${Date.now()}&end_time=${Date.now() + 1}`,
  listHistoricalMdsEvents: '?event_time=2026-11-22T10',
  listMdsTrips: '?end_time=2026-11-22T10',
  tompGetOffer: '?offerId=x',
  tompListLegs: '?packageId=x',
  tompListTravelDocuments: '?packageId=x',
};

test('to a client of another operator nothing of this one is there, whichever route it takes', async () => {
  const ids = idsOf(await drove(await aDriver(), await aCar()));
  const doors = new Set(['operator-not-found', 'system-not-found', 'shared-vehicle-not-found', 'trip-not-found']);
  const asked = sharingRoutes.filter(
    ({ audience, path }) => audience === 'client' && /\{(op|sys|veh)\w+Id\}/.test(path),
  );
  expect(asked.length).toBeGreaterThan(80);
  const open: string[] = [];
  for (const { method, path, operationId, body } of asked) {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? `?${name}`));
    const [example] = Object.values(body.examples);
    const answer = await api.call(method, `${url}${needed[operationId] ?? ''}`, {
      ...{ client: 'others', headers: method === 'POST' ? { 'idempotency-key': `sweep-${operationId}` } : {} },
      ...(example !== undefined && { body: example }),
    });
    const [status, problem = ''] = code(answer);
    if (status !== 404 || !doors.has(String(problem))) open.push(`${method} ${path}: ${status} ${problem}`);
  }
  expect(open.join('\n')).toEqual('');
});

test('in all of this no driver was told of another person, or of who works for the operator', () => {
  expect(told.length).toBeGreaterThan(80);
  for (const { to, body } of told) {
    for (const personId of persons) if (personId !== to) expect(body).not.toContain(personId);
    expect(body).not.toContain('"staff"');
    expect(body).not.toContain('Case 1');
  }
});
