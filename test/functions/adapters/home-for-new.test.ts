import fc from 'fast-check';
import { expect, test } from 'vitest';
import { homeForNew } from '#functions/adapters/homes/home-for-new.ts';
import { homeName } from '#shared/registry/home.ts';
import { vehicleIdOf } from '#shared/registry/vehicle-id.ts';

const home = (name: string, ...brands: string[]) => ({ name: homeName(name), brands });
const homes = [home('vw-weu', 'audi', 'skoda'), home('vw-neu', 'audi'), home('vw-sce', 'audi')];
/** The same ones in every run: how even the spread is must not be a matter of luck. */
const vehicles = Array.from({ length: 3_000 }, (_, place) =>
  vehicleIdOf(
    String(place)
      .padStart(20, '0')
      .replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit))),
  ),
);

test('a brand without another home is at the first one, and one with a single home is all there', () => {
  for (const vehicleId of vehicles.slice(0, 20)) {
    expect(homeForNew(homes, 'peugeot', vehicleId)).toBeUndefined();
    expect(homeForNew(homes, 'skoda', vehicleId)).toBe('vw-weu');
  }
});

test('the vehicles of a brand with several homes are spread evenly over them', () => {
  const counts = homes.map(({ name }) => vehicles.filter((each) => homeForNew(homes, 'audi', each) === name).length);
  // Of 3,000 on three, the deviation is 26: four of those either way.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(105);
});

test('a vehicle gets the same home whoever asks, in whichever order the homes are named', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(homes, { minLength: 3 }), fc.constantFrom(...vehicles), (shuffled, vehicleId) => {
      expect(homeForNew(shuffled, 'audi', vehicleId)).toBe(homeForNew(homes, 'audi', vehicleId));
    }),
  );
});

test('a home more takes its share, and of no other vehicle the answer changes', () => {
  const more = [...homes, home('vw-pln', 'audi')];
  const changed = vehicles.filter((each) => homeForNew(more, 'audi', each) !== homeForNew(homes, 'audi', each));
  expect(new Set(changed.map((each) => homeForNew(more, 'audi', each)))).toEqual(new Set(['vw-pln']));
  expect(Math.abs(changed.length - 750)).toBeLessThan(100);
});
