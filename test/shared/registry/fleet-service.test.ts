import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FleetService } from '#shared/registry/fleet-service.ts';
import type { Inventory } from '#shared/registry/inventory.ts';
import type { InventoryRepository } from '#shared/registry/inventory-repository.ts';
import type { PresenceRepository } from '#shared/registry/presence-repository.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import { aVehicle } from '../../contract/samples.ts';

/** One vehicle, whose repositories answer in whatever order the scheduler decides. */
function fleetOfOne(vehicle: Vehicle, scheduler: fc.Scheduler) {
  const table: { vehicle: Vehicle; inventory?: Inventory } = { vehicle };
  const later = <T>(act: () => T) => scheduler.schedule(Promise.resolve()).then(act);
  const never = () => Promise.reject(new Error('not part of the story'));
  const vehicles: VehicleRepository = {
    erased: async () => undefined,
    ...{ findByVin: never, register: never, search: never },
    load: () => later(() => table.vehicle),
    save: (next, seenVersion) =>
      later(() => {
        if (table.vehicle.version !== seenVersion) return false;
        table.vehicle = next;
        return true;
      }),
  };
  const inventories: InventoryRepository = {
    load: () => later(() => table.inventory),
    save: (inventory) =>
      later(() => {
        if (table.inventory !== undefined && table.inventory.sequence >= inventory.sequence) return false;
        table.inventory = inventory;
        return true;
      }),
  };
  const presences: PresenceRepository = { load: never, loadMany: never, save: never };
  return { table, fleet: new FleetService({ vehicles, inventories, presences, clock: { now: () => 5 } }) };
}

test('of reports that are taken in at the same time the newest ends up in the registry, whatever comes first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const vehicle = aVehicle();
      const { table, fleet } = fleetOfOne(vehicle, scheduler);
      const report = (sequence: number) =>
        fleet.takeInventory(vehicle.vehicleId, { sequence, softwareVersion: `${sequence}.0`, ecus: [] });
      const all = Promise.all([report(1), report(2), report(3)]);
      await scheduler.waitFor(all);
      expect([table.inventory?.sequence, table.vehicle.softwareVersion]).toEqual([3, '3.0']);
    }),
    { numRuns: 1000 },
  );
});
