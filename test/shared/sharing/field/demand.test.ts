import { expect, test } from 'vitest';
import { OfferService } from '#shared/partners/offer-service.ts';
import { PartnerDoor } from '#shared/partners/partner-door.ts';
import { cellAt } from '#shared/sharing/field/cell.ts';
import { Demand, type UnmetCount } from '#shared/sharing/field/demand.ts';
import type { Listing } from '#shared/sharing/search/listing.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SharingSystem } from '#shared/sharing/setup/system.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { MemoryOffers } from '../../../support/memory-packages.ts';
import { aPartner, caller } from '../../../support/partner-town.ts';
import { sampleOperator } from '../../../support/sharing-city.ts';
import { aListing, alexanderplatz, aSystem, plans, systemIdOf } from '../search/city.ts';

const berlin = systemIdOf('we-share-berlin');
const hour = 3_600_000;

/** Some metres north of the square. */
const north = (metres: number) => ({ ...alexanderplatz, latitude: alexanderplatz.latitude + metres / 111_195 });

function aDesk(listings: readonly Listing[], openingHours: SharingSystem['openingHours'] = '24/7') {
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 8, 30));
  const noted: Omit<UnmetCount, 'searches'>[] = [];
  const book = { note: async (_: string, count: Omit<UnmetCount, 'searches'>) => void noted.push(count) };
  const system = aSystem(berlin, { openingHours });
  const cities = { city: async () => ({ system, listings, plans }) };
  const search = new SearchService({ cities, demand: new Demand({ book, clock }), clock });
  const look = (near = alexanderplatz, radius = 1_000, who = 'ada', more = {}) =>
    search.search(berlin, { near, radius, ...more }, { limit: 5 }, who);
  return { clock, noted, look, search, system };
}

test('whoever finds nothing to walk to counts, once an hour and cell, by the kind that they looked for', async () => {
  const { clock, noted, look } = aDesk([aListing('a', north(900))]);
  const found = await look();
  expect(found.items).toHaveLength(1);
  await look();
  const cell = cellAt(alexanderplatz);
  expect(noted).toEqual([{ hour: Date.UTC(2026, 10, 22, 8), cell, wanted: 'any' }]);
  await look(alexanderplatz, 1_000, 'bob', { formFactors: ['bicycle'] });
  await look(alexanderplatz, 1_000, 'bob', { vehicleTypeIds: ['e-golf'] });
  expect(noted.slice(1).map(({ wanted }) => wanted)).toEqual(['bicycle', 'car']);
  clock.advance(hour);
  await look();
  expect(noted).toHaveLength(4);
});

test('who looks too closely, from outside, at a later page, or while the city is closed, counts for nothing', async () => {
  const { noted, look, search } = aDesk([aListing('a', north(300))]);
  expect((await look(alexanderplatz, 100)).items).toEqual([]);
  await look({ latitude: 48.1, longitude: 11.6 });
  const after = { distance: 10, vehicleId: 'a' };
  await search.search(berlin, { near: north(5_000), radius: 100 }, { limit: 5, after }, 'ada');
  await search.search(berlin, { near: north(5_000), radius: 100 }, { limit: 5 });
  const closed = aDesk([], {});
  await closed.look();
  expect([...noted, ...closed.noted]).toEqual([]);
});

test('who reads a map counts in a dozen cells, and a table that is away fails no search', async () => {
  const { noted, look } = aDesk([]);
  for (let step = 0; step < 30; step += 1) await look(north(600 * step));
  expect(noted).toHaveLength(12);
  const clock = new ManualClock(0);
  const demand = { unmet: async () => Promise.reject(new Error('away')) };
  const cities = { city: async () => ({ system: aSystem(berlin), listings: [], plans }) };
  const search = new SearchService({ cities, demand, clock });
  const query = { near: alexanderplatz, radius: 500 };
  expect(await search.search(berlin, query, { limit: 5 }, 'ada')).toEqual({ items: [] });
});

test('a partner’s customers who find nothing count as drivers do, each of them once', async () => {
  const { clock, noted, search, system } = aDesk([]);
  const operator = { ...sampleOperator, partners: [aPartner('app')] };
  const door = new PartnerDoor({ system: async () => system, operator: async () => operator });
  const digest = () => new Uint8Array(32);
  const names = { of: async () => (vehicleId: string) => vehicleId };
  const offers = new OfferService({ door, search, names, offers: new MemoryOffers(), clock, digest });
  const ask = (from: string, id?: string) => {
    const travellers = id === undefined ? {} : { travellers: [{ type: 'traveller' as const, id }] };
    const request = { inputs: { specification: { from }, ...travellers } };
    return offers.search(caller('app'), berlin, request, { operationId: 'a'.repeat(20), startedAt: clock.now() });
  };
  const here = `GPS:${alexanderplatz.longitude},${alexanderplatz.latitude}`;
  for (const id of ['ada', 'ada', 'bob', undefined, undefined]) await ask(here, id);
  expect(noted.map(({ cell }) => cell)).toEqual(Array(3).fill(cellAt(alexanderplatz)));
});
