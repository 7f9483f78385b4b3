import type { Presence } from './presence.ts';
import type { VehicleId } from './vehicle-id.ts';

export interface PresenceRepository {
  load(vehicleId: VehicleId): Promise<Presence | undefined>;
  /** Of those that have ever connected. */
  loadMany(vehicleIds: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, Presence>>;
  /** False when another event was written since. */
  save(presence: Presence, seen: Presence | undefined): Promise<boolean>;
}
