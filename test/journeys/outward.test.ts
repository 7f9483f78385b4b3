import { afterAll, beforeAll, describe } from 'vitest';
import { startTimeout } from '../support/journey-cloud.ts';
import { OutwardTown } from '../support/outward-town.ts';
import { assets } from './outward/assets.ts';
import { bothSides } from './outward/both-sides.ts';
import { care } from './outward/care.ts';
import { doors } from './outward/doors.ts';
import { field } from './outward/field.ts';
import { mobilityData } from './outward/mobility-data.ts';
import { money } from './outward/money.ts';
import { tomp } from './outward/tomp.ts';

let city: OutwardTown | undefined;
function town(): OutwardTown {
  if (city === undefined) throw new Error('There is no city');
  return city;
}

beforeAll(async () => {
  city = await OutwardTown.open();
}, startTimeout);
afterAll(async () => {
  await city?.close();
});

// One chapter each, in `outward/`: it gets the city and defines its tests.
describe('two doors', () => doors(town));
describe('the operator’s day', () => field(town));
describe('a city', () => mobilityData(town));
describe('money', () => money(town));
describe('what becomes of a car', () => care(town));
describe('a partner’s scooters', () => assets(town));
describe('our client and our server', () => bothSides(town));
describe('a partner books ours', () => tomp(town));
