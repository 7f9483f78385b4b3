import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';
import { anActiveVehicle } from './active-vehicle.ts';
import { startTestApi, type TestApi } from './test-api.ts';
import type { TestPerson } from './test-ownership.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

let persons = 0;

function aPerson(): TestPerson {
  persons += 1;
  return { personId: aPersonId(), username: `Person${persons}` };
}

function claim(person: TestPerson, vehicleId: string, code: string, headers = {}) {
  return api.call('POST', '/v1/me/vehicles', { person, headers, body: { vehicleId, code } });
}

/** A vehicle, and the person who has claimed it. */
async function owned(): Promise<{ owner: TestPerson; vehicleId: VehicleId }> {
  const owner = aPerson();
  const vehicleId = await anActiveVehicle(api);
  const { status } = await claim(owner, vehicleId, await api.ownership.shownBy(vehicleId));
  expect(status).toBe(201);
  return { owner, vehicleId };
}

function handOver(person: TestPerson, vehicleId: string, to: string) {
  return api.call('POST', `/v1/me/vehicles/${vehicleId}/handover`, { person, body: { to } });
}

function problemOf({ json }: { readonly json: { readonly type: string } }): string {
  return json.type.replace('/docs#problem-', '');
}

/** Everything of a problem that a guesser could tell apart. */
function said({ status, json }: { readonly status: number; readonly json: object }): unknown {
  return { status, ...json };
}

const wrongCode = '0000-0000';

test('a claim that says nothing usable is told what of it is wrong', async () => {
  const faultsOf = async (body: object) => {
    const { status, json } = await api.call('POST', '/v1/me/vehicles', { person: aPerson(), body });
    return { status, errors: json.errors };
  };
  expect(await faultsOf({ vin: 'WVW', code: 5 })).toEqual({
    status: 400,
    errors: [
      { pointer: '/vin', detail: 'is not 17 capital letters and digits' },
      { pointer: '/code', detail: 'is not a string' },
    ],
  });
  expect(await faultsOf({ vehicleId: 'car', code: wrongCode })).toEqual({
    status: 400,
    errors: [{ pointer: '/vehicleId', detail: 'is no vehicle id' }],
  });
  expect(await faultsOf({ vin: 'WVWZZZE1ZMP000001' })).toEqual({
    status: 400,
    errors: [{ pointer: '/code', detail: 'is missing' }],
  });
});

test('the code on its screen makes a person the owner, however it is typed, and is used up by that', async () => {
  const owner = aPerson();
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  const { status, json, headers } = await claim(owner, vehicleId, ` ${code.toLowerCase().replace('-', ' ')}`);
  expect(status).toBe(201);
  expect(json).toEqual({ vehicleId, brand: 'volkswagen', model: 'ID.3', since: '2026-11-21T08:30:00.000Z' });
  expect(headers.get('location')).toBe(`/v1/me/vehicles/${vehicleId}`);
  expect(problemOf(await claim(aPerson(), vehicleId, code))).toBe('claim-code-wrong');
});

test('the owner sees the VIN of their vehicle, and nobody else sees that they own it', async () => {
  const { owner, vehicleId } = await owned();
  const mine = await api.call('GET', `/v1/me/vehicles/${vehicleId}`, { person: owner });
  expect(mine.json).toMatchObject({ vehicleId, model: 'ID.3', vin: expect.stringMatching(/^WVWZZZ/) });
  const list = await api.call('GET', '/v1/me/vehicles', { person: owner });
  expect(list.json.items).toMatchObject([{ vehicleId }]);
  expect(JSON.stringify(list.json)).not.toContain(mine.json.vin);
  const other = aPerson();
  expect((await api.call('GET', '/v1/me/vehicles', { person: other })).json).toEqual({ items: [] });
  const theirs = await api.call('GET', `/v1/me/vehicles/${vehicleId}`, { person: other });
  const nobodys = await api.call('GET', `/v1/me/vehicles/${aVehicleId()}`, { person: other });
  expect(problemOf(theirs)).toBe('vehicle-not-yours');
  expect(said(theirs)).toEqual(said(nobodys));
});

test('a vehicle is claimed by its VIN as well', async () => {
  const vehicleId = await anActiveVehicle(api);
  const { json } = await api.call('GET', `/v1/vehicles/${vehicleId}`);
  const body = { vin: json.vin, code: await api.ownership.shownBy(vehicleId) };
  expect((await api.call('POST', '/v1/me/vehicles', { person: aPerson(), body })).status).toBe(201);
});

test('whatever is wrong with vehicle or code, a guesser hears the same thing', async () => {
  const person = aPerson();
  const [vehicle, other] = [await anActiveVehicle(api), await anActiveVehicle(api)];
  await api.ownership.shownBy(vehicle);
  const codeOfOther = await api.ownership.shownBy(other);
  const { vehicleId: taken } = await owned();
  const answers = [
    await claim(person, vehicle, wrongCode),
    await claim(person, vehicle, codeOfOther),
    await claim(person, aVehicleId(), codeOfOther),
    await claim(person, taken, wrongCode),
    await api.call('POST', '/v1/me/vehicles', { person, body: { vin: 'WVWZZZE1ZMP999999', code: codeOfOther } }),
  ];
  expect(new Set(answers.map(problemOf))).toEqual(new Set(['claim-code-wrong']));
  expect(new Set(answers.map((answer) => JSON.stringify(said(answer)))).size).toBe(1);
});

test('the sixth try says that it is one, also with the right code, and so it does for a vehicle that does not exist', async () => {
  const person = aPerson();
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  const nobody = aVehicleId();
  for (let tried = 1; tried <= 5; tried++) {
    expect(problemOf(await claim(person, vehicleId, wrongCode))).toBe('claim-code-wrong');
    expect(problemOf(await claim(person, nobody, wrongCode))).toBe('claim-code-wrong');
  }
  const sixth = await claim(person, vehicleId, code);
  expect(problemOf(sixth)).toBe('claim-code-exhausted');
  expect(said(await claim(person, nobody, code))).toEqual(said(sixth));
  expect(said(await claim(person, vehicleId, wrongCode))).toEqual(said(sixth));
});

test('five tries are five, however many come at once and from whom, and only who saw the screen hears of it', async () => {
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  await Promise.all(Array.from({ length: 9 }, () => claim(aPerson(), vehicleId, wrongCode)));
  expect(problemOf(await claim(aPerson(), vehicleId, wrongCode))).toBe('claim-code-wrong');
  const late = aPerson();
  expect(problemOf(await claim(late, vehicleId, code))).toBe('claim-code-exhausted');
  expect((await claim(late, vehicleId, await api.ownership.shownBy(vehicleId))).status).toBe(201);
});

test('the fifth try may be the right one', async () => {
  const person = aPerson();
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  for (let tried = 1; tried <= 4; tried++) await claim(person, vehicleId, wrongCode);
  expect((await claim(person, vehicleId, code)).status).toBe(201);
});

test('after ten minutes the right code says that it is over, and a wrong one nothing', async () => {
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  api.time.now += 600_000;
  expect(problemOf(await claim(aPerson(), vehicleId, wrongCode))).toBe('claim-code-wrong');
  expect(problemOf(await claim(aPerson(), vehicleId, code))).toBe('claim-code-expired');
});

test('a new code makes the former void', async () => {
  const person = aPerson();
  const vehicleId = await anActiveVehicle(api);
  const former = await api.ownership.shownBy(vehicleId);
  const present = await api.ownership.shownBy(vehicleId);
  expect(problemOf(await claim(person, vehicleId, former))).toBe('claim-code-wrong');
  expect((await claim(person, vehicleId, present)).status).toBe(201);
});

test('whoever sprays codes over vehicles is stopped, and goes on when the hour is over', async () => {
  const person = aPerson();
  for (let tried = 1; tried <= 60; tried++) await claim(person, aVehicleId(), wrongCode);
  const vehicleId = await anActiveVehicle(api);
  const refused = await claim(person, vehicleId, await api.ownership.shownBy(vehicleId));
  expect([refused.status, problemOf(refused)]).toEqual([429, 'too-many-claims']);
  expect(Number(refused.headers.get('retry-after'))).toBe(3600);
  api.time.now += 3_600_000;
  expect((await claim(person, vehicleId, await api.ownership.shownBy(vehicleId))).status).toBe(201);
});

test('an owned vehicle is not claimed: the answer names the owner to nobody', async () => {
  const { owner, vehicleId } = await owned();
  const code = await api.ownership.shownBy(vehicleId);
  const refused = await claim(aPerson(), vehicleId, code);
  expect([refused.status, problemOf(refused)]).toEqual([409, 'vehicle-owned']);
  expect(JSON.stringify(refused.json)).not.toContain(owner.personId);
  expect(JSON.stringify(refused.json)).not.toContain(owner.username);
});

test('a shared vehicle is not claimed by whoever sits in it and reads its screen', async () => {
  const vehicleId = await anActiveVehicle(api);
  api.ownership.shared.add(vehicleId);
  const code = await api.ownership.shownBy(vehicleId);
  const refused = await claim(aPerson(), vehicleId, code);
  expect([refused.status, problemOf(refused)]).toEqual([409, 'vehicle-shared']);
  expect(problemOf(await claim(aPerson(), vehicleId, wrongCode))).toBe('claim-code-wrong');
  api.ownership.shared.delete(vehicleId);
  expect((await claim(aPerson(), vehicleId, code)).status).toBe(201);
});

test('claiming what is one’s own changes nothing', async () => {
  const { owner, vehicleId } = await owned();
  const again = await claim(owner, vehicleId, await api.ownership.shownBy(vehicleId));
  expect(again.status).toBe(200);
  const { json } = await api.call('GET', `/v1/vehicles/${vehicleId}/ownership/history`);
  expect(json.items).toHaveLength(1);
});

test('a claim with an Idempotency-Key is answered again, until the vehicle is somebody else’s', async () => {
  const owner = aPerson();
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  const key = { 'idempotency-key': 'once' };
  const first = await claim(owner, vehicleId, code, key);
  const second = await claim(owner, vehicleId, code, key);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.json).toEqual(first.json);
  await api.call('DELETE', `/v1/me/vehicles/${vehicleId}`, { person: owner });
  expect(problemOf(await claim(owner, vehicleId, code, key))).toBe('vehicle-not-yours');
});

test('a hand-over is answered again as long as its offer stands, and not when the vehicle was given up since', async () => {
  const { owner, vehicleId } = await owned();
  const offer = () =>
    api.call('POST', `/v1/me/vehicles/${vehicleId}/handover`, {
      ...{ person: owner, body: { to: 'neighbour' }, headers: { 'idempotency-key': 'hand-over-once' } },
    });
  const first = await offer();
  expect([first.status, (await offer()).json]).toEqual([201, first.json]);
  await api.call('DELETE', `/v1/me/vehicles/${vehicleId}`, { person: owner });
  expect(problemOf(await offer())).toBe('vehicle-not-yours');
  expect((await claim(owner, vehicleId, await api.ownership.shownBy(vehicleId))).status).toBe(201);
  const dead = await offer();
  expect([dead.status, problemOf(dead)]).toEqual([409, 'offer-over']);
});

test('of many who read the same screen at once, one becomes the owner', async () => {
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  const answers = await Promise.all(Array.from({ length: 5 }, () => claim(aPerson(), vehicleId, code)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const { json } = await api.call('GET', `/v1/vehicles/${vehicleId}/ownership/history`);
  expect(json.items).toHaveLength(1);
  for (const { status } of answers) expect([201, 403, 409]).toContain(status);
});

test('a retired or suspended vehicle is not claimed, and only who saw its screen hears why', async () => {
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`);
  expect(problemOf(await claim(aPerson(), vehicleId, wrongCode))).toBe('claim-code-wrong');
  expect(problemOf(await claim(aPerson(), vehicleId, code))).toBe('vehicle-suspended');
  await api.call('POST', `/v1/vehicles/${vehicleId}/retire`);
  expect(problemOf(await claim(aPerson(), vehicleId, code))).toBe('vehicle-retired');
});

test('only an active vehicle gets a code, once for each time it asks, and not without end', async () => {
  const vehicleId = await anActiveVehicle(api);
  const { codeService, screens } = api.ownership;
  expect(await codeService.ask(vehicleId, 'one')).toBe('shown');
  expect(await codeService.ask(vehicleId, 'one')).toBe('answered-before');
  for (let asked = 2; asked <= 10; asked++) expect(await codeService.ask(vehicleId, `${asked}`)).toBe('shown');
  expect(await codeService.ask(vehicleId, 'eleven')).toBe('too-often');
  expect(screens.at(-1)?.answer).toMatchObject({ kind: 'refused', requestId: 'eleven', reason: 'too-often' });
  await api.call('POST', `/v1/vehicles/${vehicleId}/suspend`);
  expect(await codeService.ask(vehicleId, 'twelve')).toBe('not-active');
  expect(await codeService.ask(aVehicleId(), 'one')).toBe('unknown-vehicle');
});

test('a request that comes three times at once makes one code, and it opens', async () => {
  const vehicleId = await anActiveVehicle(api);
  const { codeService, screens } = api.ownership;
  const results = await Promise.all([1, 2, 3].map(() => codeService.ask(vehicleId, 'same')));
  expect(results.toSorted()).toEqual(['answered-before', 'answered-before', 'shown']);
  const shown = screens.filter((screen) => screen.vehicleId === vehicleId);
  expect(shown).toHaveLength(1);
  const [screen] = shown;
  const code = screen?.answer.kind === 'code' ? screen.answer.code : expect.fail('no code is shown');
  expect((await claim(aPerson(), vehicleId, code)).status).toBe(201);
});

test('a vehicle is handed on: offered, found, accepted, and the former owner is out', async () => {
  const { owner, vehicleId } = await owned();
  const next = aPerson();
  const offer = await handOver(owner, vehicleId, next.username);
  expect(offer.status).toBe(201);
  const { offerId } = offer.json;
  const mine = await api.call('GET', `/v1/me/vehicles/${vehicleId}`, { person: owner });
  expect(mine.json.handover).toMatchObject({ offerId });
  const offers = await api.call('GET', '/v1/me/offers', { person: next });
  expect(offers.json.items).toMatchObject([{ offerId, vehicleId, model: 'ID.3' }]);
  const accepted = await api.call('POST', `/v1/me/offers/${offerId}/acceptance`, { person: next });
  expect(accepted.json).toMatchObject({ vehicleId, model: 'ID.3' });
  const again = await api.call('POST', `/v1/me/offers/${offerId}/acceptance`, { person: next });
  expect(again.json).toEqual(accepted.json);
  expect(problemOf(await handOver(owner, vehicleId, 'anybody'))).toBe('vehicle-not-yours');
  const { json } = await api.call('GET', `/v1/vehicles/${vehicleId}/ownership/history`);
  expect(json.items).toMatchObject([
    { reason: 'handed-on', from: owner.personId, to: next.personId },
    { reason: 'claimed', to: owner.personId },
  ]);
});

test('an offer says nothing about whether there is such a person', async () => {
  const [one, other] = [await owned(), await owned()];
  const known = await handOver(one.owner, one.vehicleId, other.owner.username);
  const unknown = await handOver(other.owner, other.vehicleId, 'nobody-at-all');
  expect(Object.keys(known.json)).toEqual(Object.keys(unknown.json));
  expect(known.status).toBe(unknown.status);
});

test('an offer is another’s, withdrawn, declined, replaced or over: then it is not found', async () => {
  const { owner, vehicleId } = await owned();
  const next = aPerson();
  const accept = (offerId: string, person = next) =>
    api.call('POST', `/v1/me/offers/${offerId}/acceptance`, { person });
  const offered = async () => (await handOver(owner, vehicleId, next.username)).json.offerId;
  const first = await offered();
  expect(problemOf(await accept(first, aPerson()))).toBe('offer-not-found');
  expect(problemOf(await accept(first, owner))).toBe('offer-not-found');
  expect((await api.call('DELETE', `/v1/me/vehicles/${vehicleId}/handover`, { person: owner })).status).toBe(200);
  expect(problemOf(await accept(first))).toBe('offer-not-found');
  const declined = await offered();
  expect((await api.call('DELETE', `/v1/me/offers/${declined}`, { person: next })).status).toBe(200);
  expect(problemOf(await accept(declined))).toBe('offer-not-found');
  const replaced = await offered();
  const late = await offered();
  expect(problemOf(await accept(replaced))).toBe('offer-not-found');
  api.time.now += 7 * 24 * 3_600_000;
  expect(problemOf(await accept(late))).toBe('offer-not-found');
  expect((await api.call('GET', '/v1/me/offers', { person: next })).json.items).toEqual([]);
  expect((await api.call('GET', `/v1/me/vehicles/${vehicleId}`, { person: owner })).json.handover).toBeUndefined();
});

test('an offer is for the very name that was written: a person whose name differs in case gets nothing', async () => {
  const { owner, vehicleId } = await owned();
  const driver = { ...aPerson(), username: 'driver' };
  const otherDriver = { ...aPerson(), username: 'Driver' };
  const { offerId } = (await handOver(owner, vehicleId, 'driver')).json;
  expect((await api.call('GET', '/v1/me/offers', { person: otherDriver })).json.items).toEqual([]);
  const path = `/v1/me/offers/${offerId}/acceptance`;
  expect(problemOf(await api.call('POST', path, { person: otherDriver }))).toBe('offer-not-found');
  expect((await api.call('POST', path, { person: driver })).status).toBe(200);
});

test('nobody hands a vehicle to themself', async () => {
  const { owner, vehicleId } = await owned();
  const refused = await handOver(owner, vehicleId, owner.username);
  expect([refused.status, problemOf(refused)]).toEqual([422, 'handover-to-oneself']);
  expect((await api.call('GET', '/v1/me/offers', { person: owner })).json.items).toEqual([]);
});

test('whoever gives a vehicle up owns it no more, an offer of it is over, and it can be claimed again', async () => {
  const { owner, vehicleId } = await owned();
  const next = aPerson();
  const { offerId } = (await handOver(owner, vehicleId, next.username)).json;
  expect((await api.call('DELETE', `/v1/me/vehicles/${vehicleId}`, { person: aPerson() })).status).toBe(404);
  const givenUp = await api.call('DELETE', `/v1/me/vehicles/${vehicleId}`, { person: owner });
  expect(givenUp.json).toMatchObject({ vehicleId });
  expect((await api.call('DELETE', `/v1/me/vehicles/${vehicleId}`, { person: owner })).status).toBe(404);
  const late = await api.call('POST', `/v1/me/offers/${offerId}/acceptance`, { person: next });
  expect(problemOf(late)).toBe('offer-not-found');
  expect((await api.call('GET', `/v1/vehicles/${vehicleId}/ownership`)).json).toEqual({ vehicleId, owned: false });
  expect((await claim(next, vehicleId, await api.ownership.shownBy(vehicleId))).status).toBe(201);
  expect((await api.call('GET', `/v1/vehicles/${vehicleId}/ownership`)).json).toMatchObject({
    owned: true,
    personId: next.personId,
  });
});

test('a machine reads the ownership with its scope, and of its brands', async () => {
  const { vehicleId } = await owned();
  const path = `/v1/vehicles/${vehicleId}/ownership`;
  expect(problemOf(await api.call('GET', path, { scopes: ['read_vehicles'] }))).toBe('scope-missing');
  const peugeot = await anActiveVehicle(api, 'peugeot');
  const refused = await api.call('GET', `/v1/vehicles/${peugeot}/ownership`, { client: 'reader' });
  expect(problemOf(refused)).toBe('vehicle-not-found');
  const page = await api.call('GET', `${path}/history?limit=1`);
  expect(page.json.items).toHaveLength(1);
});

test('a code is in no log line and in no item of the table', async () => {
  const vehicleId = await anActiveVehicle(api);
  const code = await api.ownership.shownBy(vehicleId);
  await claim(aPerson(), vehicleId, wrongCode);
  await claim(aPerson(), vehicleId, code);
  const plain = code.replace('-', '');
  expect(JSON.stringify(api.lines)).not.toMatch(new RegExp(`${code}|${plain}`, 'i'));
});

test('nobody has themselves erased with the token of an old sign-in, and a fresh one does it', async () => {
  const { owner } = await owned();
  const erase = (age: number) =>
    api.call('POST', '/v1/me/erasure', { person: { ...owner, signedInAt: api.time.now - age } });
  for (const age of [601_000, api.time.now]) {
    const refused = await erase(age);
    expect([refused.status, problemOf(refused)]).toEqual([403, 'sign-in-too-old']);
    expect(refused.json.resolution).toContain('sign in again');
  }
  expect((await api.call('GET', '/v1/me/erasure', { person: owner })).status).toBe(404);
  expect((await erase(599_000)).status).toBe(202);
});

test('whoever asked for their erasure claims nothing and takes nothing over while their token lives', async () => {
  const { owner, vehicleId } = await owned();
  const leaving = aPerson();
  expect((await handOver(owner, vehicleId, leaving.username)).status).toBe(201);
  const { json } = await api.call('GET', '/v1/me/offers', { person: leaving });
  expect((await api.call('POST', '/v1/me/erasure', { person: leaving })).status).toBe(202);
  const free = await anActiveVehicle(api);
  const claimed = await claim(leaving, free, await api.ownership.shownBy(free));
  const accepted = await api.call('POST', `/v1/me/offers/${json.items[0].offerId}/acceptance`, { person: leaving });
  expect([claimed, accepted].map((answer) => [answer.status, problemOf(answer)])).toEqual([
    [409, 'person-erased'],
    [409, 'person-erased'],
  ]);
  expect((await api.call('GET', `/v1/vehicles/${free}/ownership`)).json.owned).toBe(false);
});

test('an erased person owns nothing, stands in no history and is offered nothing', async () => {
  const { owner, vehicleId } = await owned();
  const other = await owned();
  await handOver(other.owner, other.vehicleId, owner.username);
  const operation = { operationId: 'aaaaaaaaaaaaaaaaaaaa', startedAt: api.time.now };
  const erased = await api.ownership.erasure.erasePerson(owner.personId, owner.username, operation);
  expect(erased).toMatchObject({ released: [vehicleId], historyLines: 2 });
  expect((await api.call('GET', '/v1/me/vehicles', { person: owner })).json.items).toEqual([]);
  expect((await api.call('GET', '/v1/me/offers', { person: owner })).json.items).toEqual([]);
  const history = await api.call('GET', `/v1/vehicles/${vehicleId}/ownership/history`);
  expect(history.json.items).toMatchObject([{ reason: 'erased', partyErased: true }, { reason: 'claimed' }]);
  expect(JSON.stringify(history.json)).not.toContain(owner.personId);
  const again = await api.ownership.erasure.erasePerson(owner.personId, owner.username, operation);
  expect(again).toEqual({ released: [], historyLines: 0, items: 0 });
});
