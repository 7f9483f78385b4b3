import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';
import { aListing, alexanderplatz, aSystem, plans, systemIdOf } from '../../shared/sharing/search/city.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const berlin = systemIdOf('we-share-berlin');
const driver = { personId: aPersonId(), username: `driver-${randomUUID()}` };
const middle = 'latitude=52.5219&longitude=13.4132';
const nearby = Array.from({ length: 7 }, () => aVehicleId()).sort();
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  const { setup, listings } = api.sharing;
  await setup.addSystem(aSystem(berlin));
  for (const plan of plans.values()) await setup.addPlan(berlin, plan);
  for (const vehicleId of nearby) {
    const { booking, status } = aListing(vehicleId, alexanderplatz, { booking: { label: `B-${vehicleId.slice(-4)}` } });
    await listings.noteBooking(berlin, vehicleId, booking);
    if (status !== undefined) await listings.noteStatus(berlin, vehicleId, status);
  }
});
afterAll(() => api.stop());

function search(query: string, system: string = berlin) {
  return api.call('GET', `/v1/me/sharing/systems/${system}/vehicles?${query}`, { person: driver });
}

test('a person finds vehicles page by page, with type, price and the way there', async () => {
  const first = await search(`${middle}&limit=4`);
  expect(first.status).toBe(200);
  expect(first.json.items[0]).toMatchObject({
    type: { vehicleTypeId: 'e-golf', formFactor: 'car', seats: 5 },
    ...{ place: alexanderplatz, distance: 0, walk: { meters: 0, minutes: 0 }, charge: 80, rangeMeters: 184_000 },
    price: { planId: 'standard', version: 1, currency: 'EUR', perMinute: 29, hold: { freeMinutes: 15 } },
  });
  const second = await search(`${middle}&limit=4&cursor=${first.json.nextCursor}`);
  const found = [...first.json.items, ...second.json.items].map(({ vehicleId }) => vehicleId);
  expect(found).toEqual(nearby);
  expect(second.json.nextCursor).toBeUndefined();
});

test('a person lists the cities of every operator, page by page', async () => {
  const other = { ...aSystem(systemIdOf('ride-elsewhere')), currency: 'GBP', timeZone: 'Europe/London' };
  await api.sharing.setup.addSystem(other);
  const list = (query: string) => api.call('GET', `/v1/me/sharing/systems?${query}`, { person: driver });
  const first = await list('limit=1');
  const { systemId, operatorId, name, bounds, openingHours } = other;
  expect(first.json.items).toEqual([
    { systemId, operatorId, name, bounds, openingHours, timeZone: 'Europe/London', currency: 'GBP' },
  ]);
  const second = await list(`limit=1&cursor=${first.json.nextCursor}`);
  expect(second.json.items).toMatchObject([{ systemId: berlin }]);
  expect((await api.call('GET', '/v1/me/sharing/systems')).status).toBe(403);
});

test('a cursor belongs to its very query', async () => {
  const { json } = await search(`${middle}&limit=4`);
  const other = await search(`${middle}&limit=4&radius=900&cursor=${json.nextCursor}`);
  expect(other).toMatchObject({ status: 400, json: { type: '/docs#problem-bad-cursor' } });
});

test('what is held a moment later is found no more as soon as anybody could know', async () => {
  const [vehicleId = ''] = nearby;
  const { booking } = aListing(vehicleId, alexanderplatz);
  const { freeFrom: _, ...held } = { ...booking, state: 'reserved' as const, version: 2 };
  await api.sharing.listings.noteBooking(berlin, vehicleId, held);
  api.time.now += 30_001;
  const { json } = await search(middle);
  expect(json.items.map((item: { vehicleId: string }) => item.vehicleId)).toEqual(nearby.slice(1));
});

test('coordinates that are swapped, missing or beyond the globe, and limits beyond reason are named; an unknown city is 404', async () => {
  const swapped = await search('latitude=13.4132&longitude=52.5219');
  expect(swapped).toMatchObject({ status: 400, json: { type: '/docs#problem-invalid-parameter' } });
  expect(swapped.json.errors[0].detail).toContain('swapped');
  expect((await search('latitude=91&longitude=13.4')).json.errors[0].pointer).toBe('latitude');
  expect((await search('latitude=52.5')).json.errors[0].pointer).toBe('longitude');
  expect((await search(`${middle}&limit=101&radius=0`)).json.errors).toHaveLength(2);
  expect(await search(middle, 'we-share-atlantis')).toMatchObject({
    status: 404,
    json: { type: '/docs#problem-system-not-found' },
  });
  // Somewhere else there is simply nothing.
  expect((await search('latitude=48.1&longitude=11.5')).json.items).toEqual([]);
});

test('while a city is closed nothing can be held, and nothing is found', async () => {
  const night = systemIdOf('night-only');
  const openingHours = { 6: { from: 0, to: 9 * 60 } };
  await api.sharing.setup.addSystem(aSystem(night, { openingHours }));
  for (const plan of plans.values()) await api.sharing.setup.addPlan(night, plan);
  const vehicleId = aVehicleId();
  const { booking, status } = aListing(vehicleId, alexanderplatz);
  await api.sharing.listings.noteBooking(night, vehicleId, booking);
  if (status !== undefined) await api.sharing.listings.noteStatus(night, vehicleId, status);
  // 09:30 in Berlin, on a Saturday.
  expect((await search(middle, night)).json.items).toEqual([]);
  api.time.now -= 3_600_000;
  expect((await search(middle, night)).json.items).toHaveLength(1);
});
