import { type HomeName, homeOf } from './home.ts';
import { sameRegistration, type Vehicle } from './vehicle.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

export type Enrolment =
  | { readonly kind: 'created'; readonly vehicle: Vehicle }
  /** The very same registration was there before, under another id. */
  | { readonly kind: 'unchanged'; readonly vehicle: Vehicle }
  /** The vehicle with this VIN is cut off for good: to expect it would be in vain. */
  | { readonly kind: 'retired' }
  /** The VIN is registered with other data; by whom is known unless that vehicle has gone this very moment. */
  | { readonly kind: 'taken'; readonly by: Vehicle | undefined };

/**
 * Puts a vehicle into the registry once, however often it is tried: it finds its own work by the vehicle's id.
 *
 * @param home where it must be, if anybody has said so: where its brand is at home may change, and so may its own home
 */
export async function enrolled(vehicles: VehicleRepository, vehicle: Vehicle, home?: HomeName): Promise<Enrolment> {
  if (await vehicles.register(vehicle)) return { kind: 'created', vehicle };
  const known = await vehicles.findByVin(vehicle.vin);
  if (known === undefined) return { kind: 'taken', by: undefined };
  const isOwn = known.vehicleId === vehicle.vehicleId;
  // Of another brand's vehicle no more is said than that it is there.
  if (!isOwn && known.brand === vehicle.brand && known.lifeCycle.status === 'retired') return { kind: 'retired' };
  if (!sameRegistration(known, vehicle) || !isAt(known, home)) return { kind: 'taken', by: known };
  // What is carried out a second time after a crash finds its own vehicle: still its creation.
  return { kind: isOwn ? 'created' : 'unchanged', vehicle: known };
}

function isAt(vehicle: Vehicle, home: HomeName | undefined): boolean {
  return home === undefined || homeOf(vehicle).name === home;
}
