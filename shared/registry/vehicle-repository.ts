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

/** What stays of an erased vehicle: enough to say that it was, to who may know. */
export interface ErasedVehicle {
  readonly brand: Brand;
  readonly erasureId: string;
}

export interface VehicleRepository {
  load(vehicleId: VehicleId): Promise<Vehicle | undefined>;
  /** What stays of the vehicle where it was erased. */
  erased(vehicleId: VehicleId): Promise<ErasedVehicle | undefined>;
  findByVin(vin: Vin): Promise<Vehicle | undefined>;
  /** False when the VIN is taken. */
  register(vehicle: Vehicle): Promise<boolean>;
  /** False when the vehicle is no longer at the version that was seen. */
  save(vehicle: Vehicle, seenVersion: number): Promise<boolean>;
  /** Throws `invalid` when `page.from` is not from one of its pages. */
  search(query: VehicleQuery, page: PageRequest): Promise<Page<Vehicle>>;
}
