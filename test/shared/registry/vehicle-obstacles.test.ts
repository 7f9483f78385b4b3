import { expect, test } from 'vitest';
import type { Update } from '#shared/ota/updates/update.ts';
import { VehicleObstacles } from '#shared/registry/vehicle-obstacles.ts';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import { aVehicleId } from '../../contract/samples.ts';
import { aBookedVehicle, anAssignment } from '../../support/booking-samples.ts';
import { aCampaignId, anUpdate } from '../ota/updates/updates.ts';

const now = 1_000_000;
const minute = 60_000;
const vehicleId = aVehicleId();

function obstacle(booked: BookedVehicle | undefined, ...updates: readonly Update[]) {
  const bookings = { vehicle: async () => booked };
  return new VehicleObstacles({ ofVehicle: async () => updates }, bookings, { now: () => now }).of(vehicleId);
}

function working(installingSince?: number): Update {
  const consent = { by: 'operator', at: now, from: now, to: now } as const;
  const since = installingSince !== undefined && { installingSince };
  return anUpdate({ state: { status: 'working', consent, phase: 'installing', percent: 1, ...since } });
}

test('a vehicle is disturbed in writing its control units, and in nothing before that', async () => {
  expect(await obstacle(undefined, anUpdate(), working())).toBeUndefined();
  expect(await obstacle(undefined, anUpdate(), working(now))).toBe('update-installing');
  const installing = { campaignId: aCampaignId(), until: now };
  expect(await obstacle(aBookedVehicle({ installing }))).toBe('update-installing');
  expect(await obstacle(aBookedVehicle({ installing: { ...installing, until: now - 1 } }))).toBeUndefined();
});

test('a shared vehicle is disturbed while somebody has it, or may come to have it', async () => {
  expect(await obstacle(aBookedVehicle())).toBeUndefined();
  const held = (expiresAt: number) => aBookedVehicle({ assignment: anAssignment({ heldAt: 1, expiresAt }) });
  expect(await obstacle(held(now + minute))).toBe('trip-under-way');
  expect(await obstacle(held(now - minute))).toBeUndefined();
  const driven = anAssignment({ heldAt: 1, expiresAt: now - minute, startedAt: now - 2 * minute });
  expect(await obstacle(aBookedVehicle({ assignment: driven }))).toBe('trip-under-way');
});
