import * as z from 'zod';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import type { Api } from './api.ts';
import { wrongUse } from './outcome.ts';

const found = z.object({ items: z.array(z.looseObject({ vehicleId: z.string() })) });

/** @param name its id or its VIN. @throws CommandFailure */
export async function vehicleIdOf(api: Api, name: string): Promise<string> {
  if (isVehicleId(name)) return name;
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(name)) {
    throw wrongUse(
      `"${name}" is neither a vehicle's id (veh- and 20 small letters or digits) nor a VIN of 17 characters.`,
    );
  }
  const { items } = await api.get(`/v1/vehicles?vin=${name}`, found);
  const [vehicle] = items;
  if (vehicle === undefined) throw wrongUse(`No vehicle has the VIN ${name}.`);
  return vehicle.vehicleId;
}
