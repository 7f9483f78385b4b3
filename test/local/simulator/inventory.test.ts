import { expect, test } from 'vitest';
import { fleetPlan } from '#local/factory/fleet-plan.ts';
import { inventoryOf } from '#local/simulator/inventory.ts';
import { inventoryReportSchema } from '#shared/registry/inventory.ts';

test('no simulated vehicle reports an inventory that ends in quarantine', () => {
  for (const vehicle of fleetPlan(20)) {
    const { error } = inventoryReportSchema.safeParse({ sequence: 1, ...inventoryOf(vehicle) });
    expect(error, vehicle.model).toBeUndefined();
  }
});
