import { expect, test } from 'vitest';
import { claimOf, termsOf, yearsBefore } from '#shared/sharing/bookings/terms.ts';
import { KeptSetup } from '#shared/sharing/setup/kept-setup.ts';
import { dayIn } from '#shared/sharing/setup/local-day.ts';
import type { FleetVehicle } from '#shared/sharing/setup/system.ts';
import { aVehicleId } from '../../../contract/samples.ts';
import { aRequest } from '../../../support/booking-samples.ts';
import { electricCar, sampleOperator, samplePlan, sampleSystem, scooter } from '../../../support/sharing-city.ts';

const { operatorId } = sampleOperator;
const { systemId } = sampleSystem;
const vehicle: FleetVehicle = {
  ...{ vehicleId: aVehicleId(), systemId, operatorId, vehicleTypeId: electricCar.vehicleTypeId },
  ...{ label: 'B-WS 1', speaks: 'device', version: 1 },
};
const setup = {
  system: async () => sampleSystem,
  plan: async () => samplePlan,
  fleetVehicle: async (vehicleId: string) => (vehicleId === vehicle.vehicleId ? vehicle : undefined),
};

test('who is 21 today in the city is old enough there, and in no other time zone', () => {
  const midnight = Date.parse('2026-06-30T22:30:00Z');
  expect(dayIn('Europe/Berlin', midnight)).toBe('2026-07-01');
  expect(dayIn('America/New_York', midnight)).toBe('2026-06-30');
  expect(dayIn('Europe/Berlin', Date.UTC(2025, 11, 31, 23))).toBe('2026-01-01');
  expect(yearsBefore('2026-07-01', 21)).toBe('2005-07-01');
});

test('the day by which a licence and an age are judged is the one in the vehicle’s city', async () => {
  const terms = await termsOf(setup, operatorId, { vehicleId: vehicle.vehicleId });
  const claim = claimOf(terms, { personId: 'somebody', request: aRequest() }, Date.parse('2026-06-30T22:30:00Z'));
  expect(claim).toMatchObject({ today: '2026-07-01', bornBy: '2005-07-01' });
});

test('who was born on the 29th of February is a year older on the 1st of March', () => {
  expect('2004-02-29' <= yearsBefore('2025-02-28', 21)).toBe(false);
  expect('2004-02-29' <= yearsBefore('2025-03-01', 21)).toBe(true);
});

test('terms are those of the vehicle’s type and plan, as they are at this moment', async () => {
  const terms = await termsOf(setup, operatorId, { vehicleId: vehicle.vehicleId, packageId: 'three-hours' });
  const claim = claimOf(terms, { personId: 'somebody', request: aRequest() }, Date.parse('2026-11-22T10:00:00Z'));
  expect(claim).toMatchObject({
    ...{ planId: 'by-the-minute', planVersion: 1, packageId: 'three-hours', licence: 'B', bornBy: '2005-11-22' },
    ...{ today: '2026-11-22', expiresAt: Date.parse('2026-11-22T10:15:00Z') },
  });
  const light = claimOf({ ...terms, type: { ...scooter, minimumAge: 0 } }, { personId: 'p', request: aRequest() }, 0);
  expect(light.licence).toBeUndefined();
  expect(light.bornBy).toBeUndefined();
});

test('a city is read once in half a minute, a vehicle that is not there each time, and one that has changed at once', async () => {
  const time = { now: 1_000 };
  const reads: string[] = [];
  const counted = {
    ...setup,
    system: async () => {
      reads.push('system');
      return sampleSystem;
    },
    fleetVehicle: async (vehicleId: string) => {
      reads.push('vehicle');
      return setup.fleetVehicle(vehicleId);
    },
  };
  const kept = new KeptSetup(counted, { now: () => time.now });
  for (const _ of [1, 2, 3]) await kept.system(systemId);
  for (const _ of [1, 2]) await kept.fleetVehicle('veh-unknown');
  await kept.fleetVehicle(vehicle.vehicleId);
  kept.forgetVehicle(vehicle.vehicleId);
  await kept.fleetVehicle(vehicle.vehicleId);
  time.now += 30_000;
  await kept.system(systemId);
  time.now = 0;
  await kept.system(systemId);
  expect(reads.filter((read) => read === 'system')).toHaveLength(3);
  expect(reads.filter((read) => read === 'vehicle')).toHaveLength(4);
});
