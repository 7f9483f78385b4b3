import type { SystemId } from '../sharing/sharing-id.ts';

/** @param uses how many uses of it are over */
export type AssetName = (vehicleId: string, uses: number) => string;

/**
 * What partners call the vehicles of a city: as its public feed does, so that what they found there can be booked. The name
 * is another one after each use.
 */
export interface AssetNames {
  of(systemId: SystemId): Promise<AssetName>;
}
