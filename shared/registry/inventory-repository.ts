import type { Inventory } from './inventory.ts';
import type { VehicleId } from './vehicle-id.ts';

export interface InventoryRepository {
  load(vehicleId: VehicleId): Promise<Inventory | undefined>;
  /** False when a report with this sequence or a later one is there already. */
  save(inventory: Inventory): Promise<boolean>;
}
