import type { VehicleId } from '../../registry/vehicle-id.ts';

/** Vehicles that are shared: whoever sits in them is not asked, their operator is. */
export interface SharedFleet {
  /** Those among them that are in an operator's fleet, in service or not. */
  among(vehicleIds: readonly VehicleId[]): Promise<ReadonlySet<VehicleId>>;
}
