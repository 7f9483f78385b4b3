import { expect, test } from 'vitest';
import { scopeNames } from '#shared/access/scopes.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import type { CheckedBatch } from '#shared/telemetry/batch.ts';
import type { TelemetryRepository } from '#shared/telemetry/telemetry-repository.ts';
import { TelemetryService } from '#shared/telemetry/telemetry-service.ts';
import { aVehicle } from '../../contract/samples.ts';

const path = 'Vehicle.Speed';
const hour = 3_600_000;
const never = () => Promise.reject(new Error('not part of the story'));
const vehicle = aVehicle();
const { vehicleId } = vehicle;
const caller = { clientId: 'c', scopes: new Set(scopeNames), brands: [vehicle.brand] };

/** The telemetry of one vehicle, from its messages in the order of their starts. */
function telemetryOf(messages: readonly CheckedBatch[]): TelemetryService {
  const vehicles = new VehicleService({
    vehicles: {
      erased: never,
      load: async () => vehicle,
      findByVin: never,
      register: never,
      save: never,
      search: never,
    },
    presences: { load: never, loadMany: never, save: never },
    inventories: { load: never, save: never },
    clock: { now: () => 0 },
  });
  const telemetry: TelemetryRepository = {
    ...{ addToHistory: never, loadLast: never, saveLast: never },
    async *history(_, from, to) {
      yield* messages.filter(({ start }) => start >= from && start <= to);
    },
  };
  return new TelemetryService({ vehicles, telemetry });
}

test('a page about a vehicle that says much goes on by much, though the signal is rare', async () => {
  const everySecond = Array.from({ length: 3 * 3600 }, (_, second) => ({
    ...{ sequence: second, start: second * 1000, readings: [] },
  }));
  const query = { path, from: hour, to: 3 * hour, limit: 10 };
  const { items, next } = await telemetryOf(everySecond).readings(caller, vehicleId, query);
  expect(items).toEqual([]);
  expect(next?.time).toBe(hour + 3_000_000);
});

test('one bucket holds a day of a quick signal', async () => {
  const messages = Array.from({ length: 24 }, (_, index): CheckedBatch => {
    const start = index * hour;
    const readings = Array.from({ length: 10_000 }, (__, place) => ({ path, time: start + place * 100, value: place }));
    return { sequence: index, start, readings };
  });
  const query = { path, from: 0, to: 24 * hour, limit: 10 };
  const { items } = await telemetryOf(messages).buckets(caller, vehicleId, query, 24 * hour);
  expect(items).toEqual([{ start: 0, count: 240_000, last: 9999, min: 0, max: 9999, mean: expect.closeTo(4999.5, 3) }]);
});
