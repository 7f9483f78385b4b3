/** Opaque: the thing name, the MQTT client id and every key of a vehicle. Never derived from its VIN. */
export type VehicleId = string & { readonly vehicleId: unique symbol };

export const vehicleIdPattern = /^veh-[a-z2-7]{20}$/;

export function isVehicleId(text: string): text is VehicleId {
  return vehicleIdPattern.test(text);
}

/** @param operationId 20 random base32 characters: an operation that is carried out again names the same vehicle */
export function vehicleIdOf(operationId: string): VehicleId {
  const id = `veh-${operationId}`;
  if (!isVehicleId(id)) throw new RangeError('An operation id is 20 base32 characters');
  return id;
}
