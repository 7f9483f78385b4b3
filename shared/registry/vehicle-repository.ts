import type { Page, PageRequest } from '../kernel/paging.ts';
import type { Brand } from './brand.ts';
import type { Market } from './market.ts';
import type { Vehicle, VehicleStatus } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { Vin } from './vin.ts';

export interface VehicleQuery {
  readonly brands: readonly Brand[];
  readonly model?: string;
  readonly market?: Market;
  readonly softwareVersion?: string;
  readonly status?: VehicleStatus;
}

export interface VehicleRepository {
  load(vehicleId: VehicleId): Promise<Vehicle | undefined>;
  findByVin(vin: Vin): Promise<Vehicle | undefined>;
  /** False when the VIN is taken. */
  register(vehicle: Vehicle): Promise<boolean>;
  /** False when the vehicle is no longer at the version that was seen. */
  save(vehicle: Vehicle, seenVersion: number): Promise<boolean>;
  /** Throws `invalid` when `page.from` is not from one of its pages. */
  search(query: VehicleQuery, page: PageRequest): Promise<Page<Vehicle>>;
}
