import type { VehicleId } from '../registry/vehicle-id.ts';
import type { Settings, TwinDocument } from './twin.ts';

/** The device cloud's side of a twin. */
export interface TwinRepository {
  load(vehicleId: VehicleId, name: string): Promise<TwinDocument | undefined>;
  /**
   * Merges (RFC 7396) into `desired`; `null` empties it.
   *
   * @param seenVersion where given, nothing happens unless the twin still is at this version
   * @returns false when it is not
   */
  patchDesired(vehicleId: VehicleId, name: string, patch: Settings | null, seenVersion?: number): Promise<boolean>;
}
