import { expect, test } from 'vitest';
import { homeName } from '#shared/registry/home.ts';
import type { VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import type { VehicleHomes } from '#shared/vehicle-cloud/posted-event-service.ts';
import { aVehicle, aVehicleId } from './samples.ts';

export interface VehicleHomesScene {
  readonly homes: VehicleHomes;
  readonly vehicles: VehicleRepository;
  /** Leaves of a vehicle what an erasure leaves. */
  readonly erase: (vehicleId: string) => Promise<void>;
}

/** For every implementation of {@link VehicleHomes}. */
export function vehicleHomesContract(open: () => Promise<VehicleHomesScene>): void {
  test('tells where each of many vehicles is at home, in the first home too, and nothing of others', async () => {
    const { homes, vehicles } = await open();
    const name = homeName('vw-weu');
    const elsewhere = [aVehicle({ home: { name, epoch: 0 } }), aVehicle({ home: { name, epoch: 7 } })];
    const [first, last] = [aVehicle(), aVehicle()];
    for (const vehicle of [...elsewhere, first, last]) await vehicles.register(vehicle);
    // More than one answer holds.
    const strangers = Array.from({ length: 120 }, aVehicleId);
    const ids = [...elsewhere, first].map(({ vehicleId }) => vehicleId);
    expect(await homes.load([...ids, ...strangers, last.vehicleId])).toEqual(
      new Map<string, unknown>([
        ...elsewhere.map(({ vehicleId, home }) => [vehicleId, { home }] as const),
        ...[first, last].map(({ vehicleId }) => [vehicleId, {}] as const),
      ]),
    );
    expect(await homes.load([])).toEqual(new Map());
  });

  test('tells of an erased vehicle that it was', async () => {
    const { homes, erase } = await open();
    const vehicleId = aVehicleId();
    await erase(vehicleId);
    expect(await homes.load([vehicleId, aVehicleId()])).toEqual(new Map([[vehicleId, 'erased']]));
  });
}
