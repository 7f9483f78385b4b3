import { base32 } from '../../kernel/base32.ts';

/** A digest (32 bytes) that nobody can make who has not the key within it. */
export type KeyedDigest = (text: string) => Uint8Array;

/**
 * Under which a vehicle stands in the feed from the end of one use to the end of the next. GBFS 3.0, `vehicle_status.json`,
 * `vehicle_id`: changed after each trip, so that nobody sees where a trip went.
 *
 * @param uses how many uses of the vehicle are over
 */
export function publicVehicleId(digest: KeyedDigest, vehicleId: string, uses: number): string {
  return base32(digest(`${vehicleId}/${uses}`), 26);
}

/** Tells what a file says from what it said before. */
export function digestOf(digest: KeyedDigest, text: string): string {
  return base32(digest(text), 26);
}
