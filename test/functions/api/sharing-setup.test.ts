import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planContentOf } from '#shared/sharing/prices/plan-order.ts';
import {
  allowed,
  electricCar,
  rectangle,
  samplePlan,
  sampleSystem,
  sampleZones,
  scooter,
} from '../../support/sharing-city.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const anOperator = (operatorId: string) => ({
  ...{ operatorId, name: 'We Share', clientIds: [`${operatorId}-client`], email: 'help@example.com' },
});
const { operatorId: _, version: __, ...systemContent } = sampleSystem;
const aSystem = (systemId: string, operatorId: string) => ({ ...systemContent, systemId, operatorId });
const { zones, globalRules } = sampleZones;
const plan = planContentOf(samplePlan);

let made = 0;
/** An operator with a client of its own, and a city. */
async function aCity() {
  made += 1;
  const [operatorId, systemId] = [`operator-${made}`, `city-${made}`];
  const client = `${operatorId}-client`;
  await api.call('POST', '/v1/sharing/operators', { body: anOperator(operatorId) });
  await api.letIn(client, 'volkswagen');
  const by = (method: string, path: string, body?: object) => api.call(method, path, { client, ...(body && { body }) });
  expect((await by('POST', '/v1/sharing/systems', aSystem(systemId, operatorId))).status).toBe(201);
  return { operatorId, systemId, by, path: `/v1/sharing/systems/${systemId}` };
}

const problem = (answer: { status: number; json: { type: string } }) => [
  answer.status,
  answer.json.type.replace('/docs#problem-', ''),
];

describe('an operator', () => {
  test('is let in by the platform team alone, once, and read by its own clients', async () => {
    const body = anOperator('first');
    await api.letIn('first-client', 'volkswagen');
    const own = await api.call('POST', '/v1/sharing/operators', { body, client: 'first-client' });
    expect(problem(own)).toEqual([403, 'every-brand-needed']);
    expect((await api.call('POST', '/v1/sharing/operators', { body })).status).toBe(201);
    expect((await api.call('POST', '/v1/sharing/operators', { body })).status).toBe(200);
    const other = await api.call('POST', '/v1/sharing/operators', { body: { ...body, name: 'Other' } });
    expect(problem(other)).toEqual([409, 'operator-known-otherwise']);
    const read = (client: string) => api.call('GET', '/v1/sharing/operators/first', { client });
    expect([(await read('first-client')).json, (await read('reader')).status]).toEqual([{ ...body, version: 1 }, 404]);
    const { json } = await api.call('GET', '/v1/sharing/operators', { client: 'first-client' });
    expect(json.items).toEqual([{ ...body, version: 1 }]);
  });

  test('changes how it is reached, and not who acts for it', async () => {
    const { operatorId, by } = await aCity();
    const path = `/v1/sharing/operators/${operatorId}`;
    expect((await by('PATCH', path, { phone: '+4930123456' })).json).toMatchObject({
      phone: '+4930123456',
      version: 2,
    });
    expect((await by('PATCH', path, { phone: '+4930123456' })).json.version).toBe(2);
    expect(problem(await by('PATCH', path, { clientIds: ['friend'] }))).toEqual([403, 'every-brand-needed']);
    const team = await api.call('PATCH', path, { body: { clientIds: [`${operatorId}-client`, 'friend'] } });
    expect(team.json.clientIds).toEqual([`${operatorId}-client`, 'friend']);
  });
});

describe('a city', () => {
  test('is opened by its operator, and does not exist for another one', async () => {
    const { operatorId, systemId, by, path } = await aCity();
    const stranger = await aCity();
    expect((await by('POST', '/v1/sharing/systems', aSystem(systemId, operatorId))).status).toBe(200);
    expect((await by('GET', path)).json).toMatchObject({ systemId, timeZone: 'Europe/Berlin', version: 1 });
    expect((await by('GET', `/v1/sharing/operators/${operatorId}/systems`)).json.items).toHaveLength(1);
    const taken = aSystem(systemId, stranger.operatorId);
    expect(problem(await stranger.by('POST', '/v1/sharing/systems', taken))).toEqual([409, 'system-known-otherwise']);
    const theirs = aSystem('elsewhere', operatorId);
    expect(problem(await stranger.by('POST', '/v1/sharing/systems', theirs))).toEqual([404, 'operator-not-found']);
    for (const [method, rest, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine' }],
      ['GET', '/zones'],
      ['POST', '/zones', { zones, globalRules }],
      ['GET', '/plans'],
      ['POST', '/plans', plan],
      ['GET', '/plans/by-the-minute'],
    ] as const) {
      expect(problem(await stranger.by(method, `${path}${rest}`, body))).toEqual([404, 'system-not-found']);
    }
  });

  test('is refused with everything that is wrong with it at once', async () => {
    const { operatorId, by } = await aCity();
    const wrong = { timeZone: 'Berlin', bounds: [13.8, 52.3, 13, 52.7], vehicleTypes: [electricCar, electricCar] };
    const answer = await by('POST', '/v1/sharing/systems', { ...aSystem('wrong', operatorId), ...wrong });
    expect(problem(answer)).toEqual([400, 'time-zone-unknown']);
    expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/timeZone',
      '/bounds',
      '/vehicleTypes/1/vehicleTypeId',
    ]);
    expect((await by('GET', '/v1/sharing/systems/wrong')).status).toBe(404);
  });

  test('changes its rules, and keeps its vehicle types', async () => {
    const { by, path } = await aCity();
    const night = { openingHours: { 5: { from: 0, to: 1440 } } };
    expect((await by('PATCH', path, night)).json).toMatchObject({ ...night, version: 2 });
    expect((await by('PATCH', path, night)).json.version).toBe(2);
    const fewer = await by('PATCH', path, { vehicleTypes: [scooter] });
    expect(problem(fewer)).toEqual([400, 'vehicle-type-gone']);
    expect((await by('PATCH', path, { currency: 'CHF' })).status).toBe(400);
  });
});

describe('a change of a city', () => {
  const pointers = ({ json }: { json: { errors: { pointer: string; detail: string }[] } }) =>
    json.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);

  test('names no plan that is not there', async () => {
    const { by, path } = await aCity();
    const van = { ...electricCar, vehicleTypeId: 'van', planId: 'by-the-hour' };
    const vehicleTypes = [...systemContent.vehicleTypes, van];
    const early = await by('PATCH', path, { vehicleTypes });
    expect(problem(early)).toEqual([400, 'plan-unknown']);
    expect(pointers(early)).toEqual([expect.stringMatching(/^\/vehicleTypes\/2\/planId .*"by-the-hour"/)]);
    expect((await by('GET', path)).json.vehicleTypes).toHaveLength(2);
    expect((await by('POST', `${path}/plans`, { ...plan, planId: 'by-the-hour' })).status).toBe(201);
    expect((await by('PATCH', path, { vehicleTypes })).json.vehicleTypes).toHaveLength(3);
  });

  test('leaves no zone outside, and no vehicle type without a global rule', async () => {
    const { by, path } = await aCity();
    const each = ['e-golf', 'scooter'].map((id) => ({ ...allowed, vehicleTypeIds: [id] }));
    expect((await by('POST', `${path}/zones`, { zones, globalRules: each })).status).toBe(201);
    const changes = {
      bounds: [13.3, 52.3, 13.8, 52.7],
      vehicleTypes: [...systemContent.vehicleTypes, { ...electricCar, vehicleTypeId: 'van' }],
    };
    const answer = await by('PATCH', path, changes);
    expect(problem(answer)).toEqual([400, 'zone-outside-system']);
    expect(pointers(answer)).toEqual([
      expect.stringMatching(/^\/bounds .*"home"/),
      expect.stringMatching(/^\/vehicleTypes .*van/),
    ]);
    expect(answer.json.detail).toMatch(/ 1 more stands in "errors"/);
    expect((await by('GET', path)).json.version).toBe(1);
    expect((await by('POST', `${path}/zones`, { zones: [], globalRules: [...each, allowed] })).status).toBe(201);
    expect((await by('PATCH', path, changes)).json).toMatchObject({ version: 2, bounds: changes.bounds });
  });
});

describe('the zones of a city', () => {
  test('are set all at once, as versions, and by who has seen the present ones', async () => {
    const { by, path } = await aCity();
    expect(problem(await by('GET', `${path}/zones`))).toEqual([404, 'zones-not-found']);
    const fair = { ...zones[0], start: '2026-06-01T08:00:00+02:00', end: '2026-06-02T06:00:00Z', zoneId: 'fair' };
    expect((await by('POST', `${path}/zones`, { zones: [...zones, fair], globalRules })).status).toBe(201);
    expect((await by('POST', `${path}/zones`, { zones: [...zones, fair], globalRules })).status).toBe(200);
    const read = (await by('GET', `${path}/zones`)).json;
    expect(read).toMatchObject({ version: 1, zones: [{}, {}, {}, { start: '2026-06-01T06:00:00Z' }] });
    // What is read can be sent back.
    const { systemId: ___, version: seenVersion, ...same } = read;
    expect((await by('POST', `${path}/zones`, { ...same, seenVersion })).status).toBe(200);
    const next = await by('POST', `${path}/zones`, { zones, globalRules, seenVersion: 1 });
    expect([next.status, next.json.version]).toEqual([201, 2]);
    // The city's vehicles are told, also of a call that may have been the second try of one that died.
    const told = api.sharing.stated.filter((call) => call.kind === 'city' && path.endsWith(call.systemId));
    expect(told).toHaveLength(4);
    const late = await by('POST', `${path}/zones`, { zones: [], globalRules, seenVersion: 1 });
    expect(problem(late)).toEqual([412, 'zones-changed']);
  });

  test('are refused by the name of what is wrong, and nothing is changed', async () => {
    const { by, path } = await aCity();
    const [square = []] = rectangle(13.3, 52.4, 13.5, 52.6).coordinates;
    const [ring = []] = square;
    const drawn = (positions: readonly (readonly number[])[]) => ({
      ...{ zoneId: 'home', name: 'Home', rules: [allowed] },
      geometry: { type: 'MultiPolygon', coordinates: [[positions]] },
    });
    const bow = [ring[0], ring[2], ring[1], ring[3], ring[0]].map((position) => position ?? []);
    for (const [code, zone] of [
      ['zone-crosses-itself', drawn(bow)],
      ['zone-not-closed', drawn(ring.slice(0, -1))],
      ['zone-coordinates-swapped', drawn(ring.map(([x, y]) => [y, x]))],
      ['zone-outside-system', drawn(ring.map(([x, y]) => [x - 2, y]))],
      ['vehicle-type-unknown', { ...drawn(ring), rules: [{ ...allowed, vehicleTypeIds: ['tank'] }] }],
    ] as const) {
      const answer = await by('POST', `${path}/zones`, { zones: [zone], globalRules });
      expect([code, ...problem(answer)]).toEqual([code, 400, code]);
      expect(answer.json.errors[0].pointer).toMatch(/^\/zones\/0\//);
    }
    expect((await by('GET', `${path}/zones`)).status).toBe(404);
  });

  test('may be as large as a message to a vehicle, and no larger', async () => {
    const { by, path } = await aCity();
    const circle = (positions: number) => {
      const ring = Array.from({ length: positions }, (_, i) => {
        const angle = (2 * Math.PI * i) / positions;
        return [Number((13.4 + 0.1 * Math.cos(angle)).toFixed(6)), Number((52.5 + 0.1 * Math.sin(angle)).toFixed(6))];
      });
      const coordinates = [[[...ring, ring[0]]]];
      return { ...zones[2], geometry: { type: 'MultiPolygon', coordinates } };
    };
    expect((await by('POST', `${path}/zones`, { zones: [circle(4_000)], globalRules })).status).toBe(201);
    const large = await by('POST', `${path}/zones`, { zones: [circle(5_000)], globalRules });
    expect(problem(large)).toEqual([400, 'zones-too-large']);
  });
});

describe('what driving costs', () => {
  test('is set as versions that stay', async () => {
    const { by, path } = await aCity();
    expect((await by('POST', `${path}/plans`, plan)).status).toBe(201);
    expect((await by('POST', `${path}/plans`, plan)).status).toBe(200);
    const dearer = await by('POST', `${path}/plans`, { ...plan, perMinute: 31 });
    expect([dearer.status, dearer.json.version]).toEqual([201, 2]);
    expect((await by('GET', `${path}/plans/by-the-minute?version=1`)).json.perMinute).toBe(29);
    expect((await by('GET', `${path}/plans`)).json.items).toEqual([{ ...plan, perMinute: 31, version: 2 }]);
    expect(problem(await by('GET', `${path}/plans/by-the-hour`))).toEqual([404, 'plan-not-found']);
  });

  test('is refused by the name of what is wrong, and nothing is changed', async () => {
    const { by, path } = await aCity();
    for (const [code, changes] of [
      ['price-negative', { unlockFee: -1 }],
      ['price-absurd', { perMinute: 2_900 }],
      ['price-not-whole', { perMinute: 0.29 }],
      ['currency-other', { currency: 'CHF' }],
      ['day-cap-below-minute', { dayCap: 5 }],
      ['package-twice', { packages: [...plan.packages, ...plan.packages] }],
    ] as const) {
      const answer = await by('POST', `${path}/plans`, { ...plan, ...changes });
      expect([code, ...problem(answer)]).toEqual([code, 400, code]);
    }
    expect((await by('GET', `${path}/plans`)).json.items).toEqual([]);
  });
});
