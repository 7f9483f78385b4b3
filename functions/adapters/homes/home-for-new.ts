import { createHash } from 'node:crypto';
import type { HomeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';

/** A home, and the brands whose new vehicles it takes. */
export interface OpenHome {
  readonly name: HomeName;
  readonly brands: readonly string[];
}

/**
 * Spreads the vehicles of a brand evenly over the homes that take them, by rendezvous hashing (Thaler and Ravishankar,
 * 1998): where a home more takes a brand, it gets its share of those to come, and no other vehicle's answer changes.
 */
export function homeForNew(homes: readonly OpenHome[], brand: string, vehicleId: VehicleId): HomeName | undefined {
  const open = homes.filter(({ brands }) => brands.includes(brand)).map(({ name }) => name);
  const [first, ...others] = open;
  if (first === undefined || others.length === 0) return first;
  return others.reduce((best, name) => (drawn(name, vehicleId) > drawn(best, vehicleId) ? name : best), first);
}

/** Hex, of one length: compared as text. No two homes draw the same. */
function drawn(name: HomeName, vehicleId: VehicleId): string {
  return createHash('sha256').update(`${name} ${vehicleId}`).digest('hex');
}
