import { randomBytes, randomUUID } from 'node:crypto';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import { base32 } from '#shared/kernel/base32.ts';
import { type Brand, isBrand } from '#shared/registry/brand.ts';
import { isMarket, type Market } from '#shared/registry/market.ts';
import type { DeviceCertificate, Registration, Vehicle } from '#shared/registry/vehicle.ts';
import { registered } from '#shared/registry/vehicle.ts';
import { type VehicleId, vehicleIdOf } from '#shared/registry/vehicle-id.ts';
import { isVin, type Vin } from '#shared/registry/vin.ts';

export function aBrand(slug = 'volkswagen'): Brand {
  if (!isBrand(slug)) throw new Error(slug);
  return slug;
}

export function aMarket(code = 'DE'): Market {
  if (!isMarket(code)) throw new Error(code);
  return code;
}

let vins = 0;

/** A European VIN, which carries no check digit; a new one each time. */
export function aVin(text = `WVWZZZE1ZMP${String(vins++).padStart(6, '0')}`): Vin {
  if (!isVin(text)) throw new Error(text);
  return text;
}

export function anOperationId(): string {
  return base32(randomBytes(13), 20);
}

export function aVehicleId(): VehicleId {
  return vehicleIdOf(anOperationId());
}

export function aRegistration(changes: Partial<Registration> = {}): Registration {
  return { vin: aVin(), brand: aBrand(), model: 'ID.3', market: aMarket(), ...changes };
}

export function aVehicle(changes: Partial<Vehicle> = {}): Vehicle {
  return { ...registered(aRegistration(), aVehicleId(), 1_000), ...changes };
}

export function aCertificate(changes: Partial<DeviceCertificate> = {}): DeviceCertificate {
  return { certificateId: 'cert-1', deviceKeySha256: 'a'.repeat(64), expiresAt: 9_000_000_000_000, ...changes };
}

export function aPersonId(): PersonId {
  const id = randomUUID();
  if (!isPersonId(id)) throw new Error(id);
  return id;
}
