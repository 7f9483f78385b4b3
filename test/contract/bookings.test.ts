import { describe, expect, test } from 'vitest';
import { driverItemOf, vehicleItemOf } from '#functions/adapters/dynamo/booking-item.ts';
import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { mostRequests } from '#shared/sharing/bookings/hold.ts';
import { rememberedExtensions } from '#shared/sharing/bookings/reservation.ts';
import { longestSlug } from '#shared/sharing/sharing-id.ts';
import { aBookedVehicle, aDriver, anAssignment, aRequest, aReservationId, now } from '../support/booking-samples.ts';
import { memoryBookings } from '../support/memory-bookings.ts';
import { operatorId, systemId } from '../support/sharing-city.ts';
import { bookingRepositoryContract } from './booking-repository.ts';
import { onEachEngine } from './on-each-engine.ts';
import { anOperationId } from './samples.ts';

describe('bookings in memory', () => bookingRepositoryContract(async () => memoryBookings()));

onEachEngine((table) => {
  describe('bookings', () => {
    bookingRepositoryContract(async () => new DynamoBookingRepository(...(await table())));
  });
});

const longest = 'a'.repeat(longestSlug);

test('the items of a hold stay below 1 KB, and a hold below 4 units, at the largest that they can be', () => {
  const assignment = anAssignment({
    planId: longest,
    packageId: longest,
    keyUntil: now,
    startedAt: now,
    planVersion: 999,
    extendedBy: Array.from({ length: rememberedExtensions }, anOperationId),
  });
  const told = { at: now, reason: 'hold_expired' };
  const vehicle = aBookedVehicle({
    ...{ systemId: systemId(longest), operatorId: operatorId(longest), vehicleTypeId: longest, assignment },
    ...{ state: 'non_contactable', former: ['non_operational', 'elsewhere'], silentSince: now, quietPlace: true },
    ...{ fence: 99_999, admits: 99_999, revision: 999_999, version: 9_999_999 },
    ...{ chargeLow: true, grounded: true, log: { boot: 99_999, sequence: 999_999 } },
    waiting: [
      { event: 'reservation_start', at: now },
      { event: 'provider_cancellation', ...told },
    ],
    moves: [],
  });
  const driver = aDriver({
    ...{ operatorId: operatorId(longest), paymentMethod: 'p'.repeat(64), version: 9_999_999 },
    licence: {
      classes: ['AM', 'A1', 'A2', 'A', 'B1', 'B', 'BE', 'C1', 'C', 'D1', 'D', 'T'],
      validUntil: '2031-05-31',
    },
    recheckDueAt: now,
    active: { reservationId: aReservationId(), vehicleId: vehicle.vehicleId, until: now, keyed: true },
    requests: Array.from({ length: mostRequests }, () => aRequest()),
  });
  const held = { ...vehicleItemOf(vehicle), holds: Array.from({ length: 4 }, () => now) };
  expect(sizeOf(held)).toBeLessThanOrEqual(1024);
  expect(sizeOf(driverItemOf(driver))).toBeLessThanOrEqual(1024);
});

/** DynamoDB, "Item sizes": names and values in UTF-8, numbers two digits a byte, lists and maps 3 bytes and 1 for each entry. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 2;
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, one) => sum + 1 + sizeOf(one), 0);
  if (typeof value !== 'object' || value === null) return 1;
  const isItem = 'pk' in value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return (isItem ? 0 : 3) + entries.reduce((sum, [name, one]) => sum + (isItem ? 0 : 1) + name.length + sizeOf(one), 0);
}
