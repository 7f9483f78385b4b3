import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3CityStates } from '#functions/adapters/s3/city-states.ts';
import type { PublishedCity } from '#shared/sharing/feeds/published-city.ts';
import { type LocalS3, localS3 } from '../../local/s3/local-s3.ts';
import { newDirectory } from '../../local/s3/new-directory.ts';
import { aBookedVehicle } from '../../support/booking-samples.ts';
import { sampleOperator, samplePlan, sampleSystem, sampleZones } from '../../support/sharing-city.ts';

const { systemId } = sampleSystem;
const { vehicleId, vehicleTypeId } = aBookedVehicle();
const status = { boot: 1, sequence: 7, at: 5, place: { latitude: 52.5, longitude: 13.4 }, charge: 81, charging: true };
const booking = { vehicleTypeId, planId: 'own', state: 'reserved', heldUntil: 9, uses: 3, version: 4 } as const;
const city: PublishedCity = {
  setup: {
    operator: sampleOperator,
    system: { ...sampleSystem, language: 'pt-BR' },
    ...{ zones: sampleZones, plans: [samplePlan] },
  },
  vehicles: new Map([[vehicleId, { booking, status, parked: { ...status, sequence: 6 } }]]),
  ...{ idKey: 'a key', files: { vehicle_status: { digest: 'd', since: 5 } } },
};

let s3: LocalS3;
const states = () => new S3CityStates(s3.client, 'feeds');
beforeAll(async () => {
  s3 = await localS3({ directory: newDirectory() });
  await s3.create('AWS::S3::Bucket', 'feeds', {});
});
afterAll(() => s3.close());

test('a city is read as it was kept, by who has kept it and by others, and where there is none, nothing', async () => {
  const mine = states();
  expect(await mine.load(systemId)).toBeUndefined();
  expect(await mine.save(city, undefined)).toBe(true);
  expect((await mine.load(systemId))?.city).toBe(city);
  expect((await states().load(systemId))?.city).toEqual(city);
});

test('who was overtaken keeps nothing, and reads what the other one has kept', async () => {
  const [mine, theirs] = [states(), states()];
  const [seen, known] = [await mine.load(systemId), await theirs.load(systemId)];
  expect(await theirs.save({ ...city, idKey: 'theirs' }, known)).toBe(true);
  expect(await mine.save({ ...city, idKey: 'mine' }, seen)).toBe(false);
  expect((await mine.load(systemId))?.city.idKey).toBe('theirs');
  expect(await mine.save(city, undefined)).toBe(false);
  const later = await theirs.load(systemId);
  expect(await theirs.save({ ...city, idKey: 'later' }, later)).toBe(true);
  // What it has read is no longer so, and S3 says that.
  expect((await mine.load(systemId))?.city.idKey).toBe('later');
});
