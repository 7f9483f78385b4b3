import type { Vehicle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';

/** Takes vehicles out of the registry. */
export interface VehicleEraser {
  load(vehicleId: VehicleId): Promise<Vehicle | undefined>;
  /**
   * Vehicle and VIN entry go, and that it was erased stays: all or nothing.
   *
   * @returns false when the vehicle is no longer as it was seen
   */
  erase(vehicle: Vehicle, erasureId: string): Promise<boolean>;
}
