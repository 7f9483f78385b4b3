import { expect, test } from 'vitest';
import { applied, type PublishedCity } from '#shared/sharing/feeds/published-city.ts';
import type { Listing } from '#shared/sharing/search/listing.ts';
import { now } from '../../../support/booking-samples.ts';
import { sampleOperator, samplePlan, sampleSystem } from '../../../support/sharing-city.ts';

const setup = { operator: sampleOperator, system: sampleSystem, plans: [samplePlan] };
const empty: PublishedCity = { setup, vehicles: new Map(), idKey: 'a key', files: {} };

function aListing(version: number, sequence: number): Listing {
  const place = { latitude: 52.5, longitude: 13.4 + sequence / 1_000 };
  return {
    ...{ vehicleId: 'one', status: { boot: 1, sequence, at: sequence, place } },
    booking: { vehicleTypeId: 'e-golf', label: 'B', state: 'available', freeFrom: 0, uses: version, version },
  };
}

const listed = (version: number, sequence: number) => ({
  kind: 'listed' as const,
  listing: aListing(version, sequence),
});

test('what comes twice or late changes nothing, each half by its own order', () => {
  const city = applied(empty, [listed(3, 7)], now);
  expect(applied(city, [listed(3, 7), listed(2, 6), listed(3, 5)], now)).toBe(city);
  expect(applied(city, [listed(4, 6)], now).vehicles.get('one')).toMatchObject({
    ...{ booking: { version: 4 }, status: { sequence: 7 } },
  });
  expect(applied(city, [listed(2, 8)], now).vehicles.get('one')).toMatchObject({
    ...{ booking: { version: 3 }, status: { sequence: 8 } },
  });
});

test('a vehicle that has left is gone, and the same again changes nothing', () => {
  const gone = applied(applied(empty, [listed(1, 1)], now), [{ kind: 'left', vehicleId: 'one' }], now);
  expect(gone.vehicles.size).toBe(0);
  expect(applied(gone, [{ kind: 'left', vehicleId: 'one' }], now)).toBe(gone);
});

test('of what an operator has set up each part is the newest that anybody has read', () => {
  const dearer = { ...samplePlan, version: 2, perMinute: 31 };
  const read = { operator: sampleOperator, system: { ...sampleSystem, version: 3 }, plans: [samplePlan] };
  const city = applied({ ...empty, setup: { ...setup, plans: [dearer] } }, [{ kind: 'set-up', setup: read }], now);
  expect(city.setup).toMatchObject({ system: { version: 3 }, plans: [dearer] });
  expect(applied(city, [{ kind: 'set-up', setup }], now)).toBe(city);
});
