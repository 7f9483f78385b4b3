import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellAt, placeOf } from '#shared/sharing/field/cell.ts';
import {
  type CellDemand,
  type FreeVehicle,
  type RelocationRules,
  relocations,
} from '#shared/sharing/field/relocation.ts';
import { distanceBetween } from '#shared/sharing/search/distance.ts';

const hour = 3_600_000;
const rules: RelocationRules = { idle: 2 * hour, farthest: 5_000, mayEnd: () => true, coming: new Map() };
const spot = (north: number, east: number) => ({ latitude: 52.5 + north * 0.001, longitude: 13.4 + east * 0.001 });

const place = fc.tuple(fc.nat(40), fc.nat(40)).map(([north, east]) => spot(north, east));
const vehicle: fc.Arbitrary<Omit<FreeVehicle, 'vehicleId'>> = fc.record({
  vehicleTypeId: fc.constantFrom('e-golf', 'scooter'),
  formFactor: fc.constantFrom('car' as const, 'scooter_standing' as const),
  place,
  idle: fc.integer({ min: 0, max: 9 * hour }),
});
const wish: fc.Arbitrary<CellDemand> = fc.record({
  cell: place.map(cellAt),
  wanted: fc.constantFrom('any' as const, 'car' as const, 'scooter_standing' as const),
  expected: fc.double({ min: 0, max: 8, noNaN: true }),
});
const town = fc.record({
  vehicles: fc
    .array(vehicle, { maxLength: 30 })
    .map((all) => all.map((one, id) => ({ ...one, vehicleId: `veh-${id}` }))),
  demand: fc.uniqueArray(wish, { maxLength: 12, selector: ({ cell, wanted }) => `${cell} ${wanted}` }),
  order: fc.integer(),
});

test('nothing is suggested that there is not, nothing twice, nothing too far, and nobody is left with less than they need', () => {
  fc.assert(
    fc.property(town, ({ vehicles, demand, order }) => {
      const found = relocations(vehicles, demand, rules);
      expect(new Set(found.map((one) => one.vehicle.vehicleId)).size).toBe(found.length);
      for (const { vehicle: moved, from, to, distance } of found) {
        expect(vehicles).toContain(moved);
        expect(moved.idle).toBeGreaterThanOrEqual(rules.idle);
        expect([from === to, distance > rules.farthest]).toEqual([false, false]);
        expect(distance).toBe(distanceBetween(moved.place, placeOf(to)));
      }
      for (const cell of new Set(found.map(({ from }) => from))) {
        const there = vehicles.filter((one) => cellAt(one.place) === cell).length;
        const wanted = demand.filter((one) => one.cell === cell).reduce((sum, one) => sum + Math.ceil(one.expected), 0);
        expect(there - found.filter((one) => one.from === cell).length).toBeGreaterThanOrEqual(wanted);
      }
      const shuffled = <T>(all: readonly T[]) => all.toSorted((one, other) => hash(one, order) - hash(other, order));
      expect(relocations(shuffled(vehicles), shuffled(demand), rules)).toEqual(found);
    }),
  );
});

test('what is wanted most comes first, by the nearest that nobody misses; where one may not leave it, nothing is brought', () => {
  const at = (name: string, north: number, idle = 3 * hour): FreeVehicle => ({
    ...{ vehicleId: name, vehicleTypeId: 'e-golf', formFactor: 'car', place: spot(north, 0), idle },
  });
  const demand: CellDemand[] = [
    { cell: cellAt(spot(0, 0)), wanted: 'any', expected: 1 },
    { cell: cellAt(spot(30, 0)), wanted: 'car', expected: 2 },
  ];
  const vehicles = [at('near', 20), at('far', 10), at('busy', 25, hour)];
  const found = relocations(vehicles, demand, rules).map((one) => [one.vehicle.vehicleId, one.expected]);
  expect(found).toEqual([
    ['near', 2],
    ['far', 2],
  ]);
  expect(relocations(vehicles, demand, { ...rules, mayEnd: () => false })).toEqual([]);
  const coming = new Map([[cellAt(spot(30, 0)), 2]]);
  expect(relocations(vehicles, demand, { ...rules, coming }).map((one) => one.to)).toEqual([cellAt(spot(0, 0))]);
});

test('a cell is half a kilometre wide, and its middle lies in it', () => {
  const anywhere = fc.record({
    latitude: fc.double({ min: -75, max: 75, noNaN: true }),
    longitude: fc.double({ min: -179, max: 179, noNaN: true }),
  });
  fc.assert(
    fc.property(anywhere, (one) => {
      const middle = placeOf(cellAt(one));
      expect(cellAt(middle)).toBe(cellAt(one));
      expect(distanceBetween(one, middle)).toBeLessThan(400);
    }),
  );
});

function hash(value: unknown, seed: number): number {
  let sum = seed;
  for (const letter of JSON.stringify(value)) sum = (sum * 31 + letter.charCodeAt(0)) | 0;
  return sum;
}
