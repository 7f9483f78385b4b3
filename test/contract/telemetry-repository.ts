import { beforeAll, expect, test } from 'vitest';
import type { CheckedBatch } from '#shared/telemetry/batch.ts';
import type { LastReadings } from '#shared/telemetry/last-known.ts';
import type { TelemetryRepository } from '#shared/telemetry/telemetry-repository.ts';
import { aVehicleId } from './samples.ts';

export function telemetryRepositoryContract(make: () => Promise<TelemetryRepository>): void {
  let telemetry: TelemetryRepository;
  beforeAll(async () => {
    telemetry = await make();
  });
  const start = 1_700_000_000_000;
  const aBatch = (sequence: number, at = start): CheckedBatch => ({
    ...{ sequence, start: at },
    readings: [
      { path: 'Vehicle.Speed', time: at, value: 48.1 },
      { path: 'Vehicle.Speed', time: at + 1000, value: 48.25 },
      { path: 'Vehicle.CurrentLocation.Latitude', time: at + 20, value: 43.40367126464844 },
      { path: 'Vehicle.Cabin.Door.Row1.DriverSide.IsLocked', time: at + 3_600_000, value: true },
      { path: 'Vehicle.Tachograph.Driver.Driver1.WorkingState', time: at, value: 'REST' },
    ],
  });
  const all = async (...range: Parameters<TelemetryRepository['history']>) => {
    const found: CheckedBatch[] = [];
    for await (const batch of telemetry.history(...range)) found.push(batch);
    return found;
  };

  test('messages come back as they were, in the order of their starts', async () => {
    const vehicleId = aVehicleId();
    const batches = [aBatch(7, start), aBatch(3, start + 1), aBatch(12, start + 60_000)];
    for (const batch of batches.toReversed()) await telemetry.addToHistory(vehicleId, batch, start + 1e9);
    expect(await all(vehicleId, start - 5, start + 60_000)).toEqual(batches);
    expect(await all(vehicleId, start + 1, start + 59_999)).toEqual([batches[1]]);
    expect(await all(aVehicleId(), 0, start * 2)).toEqual([]);
  });

  test('a message that comes again changes nothing', async () => {
    const vehicleId = aVehicleId();
    await telemetry.addToHistory(vehicleId, aBatch(1), start + 1e9);
    const again = [1, 2, 1, 1].map((sequence) => telemetry.addToHistory(vehicleId, aBatch(sequence), start + 1e9));
    await Promise.all(again);
    expect(await all(vehicleId, start, start)).toEqual([aBatch(1), aBatch(2)]);
  });

  test('many messages at once are all kept', async () => {
    const vehicleId = aVehicleId();
    const batches = Array.from({ length: 120 }, (_, index) => aBatch(index + 1, start + index));
    await Promise.all(batches.map((batch) => telemetry.addToHistory(vehicleId, batch, start + 1e9)));
    expect(await all(vehicleId, start, start + 120)).toEqual(batches);
  });

  test('last known values are written by the one who has seen the latest', async () => {
    const vehicleId = aVehicleId();
    expect(await telemetry.loadLast(vehicleId)).toEqual({ readings: new Map(), version: 0, erased: [] });
    const readings: LastReadings = new Map([['Vehicle.Speed', { time: start, sequence: 1, value: -0.5 }]]);
    expect(await telemetry.saveLast(vehicleId, { readings, erased: [] }, 0)).toBe(true);
    expect(await telemetry.saveLast(vehicleId, { readings, erased: [] }, 0)).toBe(false);
    expect(await telemetry.loadLast(vehicleId)).toEqual({ readings, version: 1, erased: [] });
    const erased = [{ from: 5, to: 9_999_999_999_999 }];
    expect(await telemetry.saveLast(vehicleId, { readings: new Map(), erased }, 1)).toBe(true);
    expect(await telemetry.loadLast(vehicleId)).toEqual({ readings: new Map(), version: 2, erased });
  });
}
