import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxAround, distanceBetween, walkOf } from '#shared/sharing/search/distance.ts';
import { byDistance, type City, vehiclesNear } from '#shared/sharing/search/near.ts';
import type { Position, Zone, ZoneRule } from '#shared/sharing/zones/zone.ts';
import { aListing, alexanderplatz, aSystem, planOf, plans } from './city.ts';

const now = 1_000_000;
const near = { near: alexanderplatz, radius: 1000 };

function cityOf(...listings: City['listings'][]): City {
  return { system: aSystem('we-share-berlin'), listings: listings.flatMap((some) => [...some]), plans };
}

/** So many metres to the north. */
function north(meters: number) {
  return { ...alexanderplatz, latitude: alexanderplatz.latitude + meters / 111_195 };
}

const ids = (found: readonly { readonly vehicleId: string }[]) => found.map(({ vehicleId }) => vehicleId);

test('the nearest vehicle comes first, none beyond the radius comes at all, and each says how far one walks', () => {
  const city = cityOf([aListing('c', north(900)), aListing('a', north(250)), aListing('b', north(1001))]);
  const found = vehiclesNear(city, near, now);
  expect(ids(found)).toEqual(['a', 'c']);
  expect(found[0]?.distance).toBeCloseTo(250, 0);
  expect(walkOf(found[0]?.distance ?? 0)).toEqual({ meters: 325, minutes: 5 });
});

test('what cannot be held now is not found: held, unknown where it is, or of a kind that the city has not', () => {
  const city = cityOf([
    aListing('free-since', north(1), { booking: { freeFrom: now - 1 } }),
    aListing('free-in-a-moment', north(1), { booking: { freeFrom: now } }),
    { vehicleId: 'held', booking: { vehicleTypeId: 'e-golf', label: 'x', state: 'reserved', version: 2 } },
    aListing('nowhere', undefined),
    aListing('of-no-kind', north(1), { booking: { vehicleTypeId: 'tractor' } }),
    aListing('without-a-price', north(1), { booking: { planId: 'gone' } }),
  ]);
  expect(ids(vehiclesNear(city, near, now))).toEqual(['free-since']);
  expect(ids(vehiclesNear(city, near, now + 1))).toEqual(['free-in-a-moment', 'free-since']);
});

test('one asks for a type, a kind, a range and a price; what goes by muscle power goes any distance', () => {
  const city: City = {
    ...cityOf([
      aListing('golf', north(10)),
      aListing('golf-said', north(20), { status: { rangeMeters: 40_000 } }),
      aListing('golf-dear', north(30), { booking: { planId: 'dear' }, status: { charge: 100 } }),
      aListing('bike', north(40), { booking: { vehicleTypeId: 'bike' }, status: {} }),
    ]),
    plans: new Map([...plans, ['dear', planOf('dear', 99)]]),
  };
  const found = (more: object) => ids(vehiclesNear(city, { ...near, ...more }, now));
  expect(found({})).toEqual(['golf', 'golf-said', 'golf-dear', 'bike']);
  expect(found({ vehicleTypeIds: ['bike'] })).toEqual(['bike']);
  expect(found({ formFactors: ['car'] })).toEqual(['golf', 'golf-said', 'golf-dear']);
  // 80 % of 230 km.
  expect(found({ minimumRange: 184_000 })).toEqual(['golf', 'golf-dear', 'bike']);
  expect(found({ minimumRange: 200_000 })).toEqual(['golf-dear', 'bike']);
  expect(found({ maximumPerMinute: 29 })).toEqual(['golf', 'golf-said', 'bike']);
});

test('nothing within the radius is ever left out by the box, anywhere on Earth', () => {
  const place = fc.record({
    latitude: fc.double({ min: -89.9, max: 89.9, noNaN: true }),
    longitude: fc.double({ min: -170, max: 170, noNaN: true }),
  });
  const part = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(place, part, part, fc.integer({ min: 1, max: 10_000 }), (centre, x, y, radius) => {
      const { height, width } = boxAround(centre, radius);
      const latitude = Math.max(-90, Math.min(90, centre.latitude + x * 2 * height));
      const other = { latitude, longitude: centre.longitude + y * 2 * Math.min(width, 4) };
      if (distanceBetween(centre, other) > radius) return;
      expect(Math.abs(other.latitude - centre.latitude)).toBeLessThanOrEqual(height * (1 + 1e-9));
      expect(Math.abs(other.longitude - centre.longitude)).toBeLessThanOrEqual(width * (1 + 1e-9));
    }),
    { numRuns: 1000 },
  );
});

test('pages that follow one another hold each vehicle once, however many are equally near', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      (at, size) => {
        const city = cityOf(at.map((place, index) => aListing(`v${index}`, north(place * 100))));
        const all = vehiclesNear(city, near, now);
        const paged: string[] = [];
        let rest = all;
        while (rest.length > 0) {
          const page = rest.slice(0, size);
          paged.push(...ids(page));
          const last = page.at(-1);
          rest = last === undefined ? [] : all.filter((vehicle) => byDistance(vehicle, last) > 0);
        }
        expect(paged).toEqual(ids(all));
        expect(new Set(paged).size).toBe(at.length);
      },
    ),
  );
});

test('nobody is sent to a vehicle that would not start where it stands', () => {
  const no: ZoneRule = { rideStartAllowed: false, rideEndAllowed: true, rideThroughAllowed: true };
  const [here, there] = [north(10), north(500)];
  const { latitude, longitude } = here;
  const corner = (up: number, right: number): Position => [longitude + right / 1000, latitude + up / 1000];
  const ring = [corner(-1, -1), corner(-1, 1), corner(1, 1), corner(1, -1), corner(-1, -1)];
  const pedestrians: Zone = {
    ...{ zoneId: 'pedestrians', name: 'Pedestrians', geometry: { type: 'MultiPolygon', coordinates: [[ring]] } },
    rules: [{ ...no, vehicleTypeIds: ['e-golf'] }],
  };
  const listings = [aListing('golf', here), aListing('bike', here, { booking: { vehicleTypeId: 'bike' } })];
  const city = cityOf(listings, [aListing('golf-there', there)]);
  const zones = (version: number, all: readonly Zone[]) => ({
    systemId: 'berlin',
    version,
    zones: all,
    globalRules: [],
  });
  expect(ids(vehiclesNear({ ...city, zones: zones(1, [pedestrians]) }, near, now))).toEqual(['bike', 'golf-there']);
  expect(ids(vehiclesNear({ ...city, zones: zones(2, []) }, near, now))).toEqual(['bike', 'golf', 'golf-there']);
});

test('whoever wants certain vehicles finds them, however many others stand nearer', () => {
  const others = Array.from({ length: 30 }, (_, place) => aListing(`other-${place}`, north(place)));
  const city = cityOf(others, [aListing('wanted', north(500), { booking: { uses: 4 } })]);
  const only = (vehicleId: string, uses: number) => `${vehicleId}/${uses}` === 'wanted/4';
  expect(ids(vehiclesNear(city, near, now, { most: 20, only }))).toEqual(['wanted']);
});
