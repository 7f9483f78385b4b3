import type { VehicleId } from '../registry/vehicle-id.ts';
import type { Settings, TwinDocument } from './twin.ts';

/** The device cloud's side of a twin. */
export interface TwinRepository {
  load(vehicleId: VehicleId, name: string): Promise<TwinDocument | undefined>;
  /**
   * Merges (RFC 7396) into `desired`; `null` empties it. Throws `twin-not-acceptable` and `twin-too-large` for what some
   * device cloud refuses, and `vehicle-not-provisioned` where this one asks who is there.
   *
   * @param seenRevision where given, nothing happens unless the twin still is what was seen
   * @returns false when it is not
   */
  patchDesired(vehicleId: VehicleId, name: string, patch: Settings | null, seenRevision?: string): Promise<boolean>;
}

/** The twins through which the platform itself speaks with vehicles. Nobody waits until it stands there. */
export interface PlatformTwins {
  /**
   * @param patches merged into `desired` one after the other
   * @param order rises with what there is to say to this vehicle in this twin: what is older changes nothing, where a queue
   *   on the way could let it come later
   */
  show(vehicleId: VehicleId, name: string, patches: readonly Settings[], order: number): Promise<void>;
}
