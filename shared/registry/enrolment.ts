import { sameRegistration, type Vehicle } from './vehicle.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

export type Enrolment =
  | { readonly kind: 'created'; readonly vehicle: Vehicle }
  /** The very same registration was there before, under another id. */
  | { readonly kind: 'unchanged'; readonly vehicle: Vehicle }
  /** The VIN is registered with other data; by whom is known unless that vehicle has gone this very moment. */
  | { readonly kind: 'taken'; readonly by: Vehicle | undefined };

/** Puts a vehicle into the registry once, however often it is tried: it finds its own work by the vehicle's id. */
export async function enrolled(vehicles: VehicleRepository, vehicle: Vehicle): Promise<Enrolment> {
  if (await vehicles.register(vehicle)) return { kind: 'created', vehicle };
  const known = await vehicles.findByVin(vehicle.vin);
  if (known === undefined || !sameRegistration(known, vehicle)) return { kind: 'taken', by: known };
  // What is carried out a second time after a crash finds its own vehicle: still its creation.
  return { kind: known.vehicleId === vehicle.vehicleId ? 'created' : 'unchanged', vehicle: known };
}
