import { base32 } from '../../kernel/base32.ts';
import type { Instant } from '../../kernel/clock.ts';
import { type VehicleId, vehicleIdOf } from '../../registry/vehicle-id.ts';
import type { Place } from '../../sharing/zones/zone.ts';
import type { FeedId, FeedName } from './partner-feed.ts';

/** A partner's vehicle as its feed shows it. */
export interface Asset {
  /** As the partner calls it, until its next use is over. */
  readonly assetId: string;
  /** Of our system. */
  readonly vehicleTypeId: string;
  /** Where it has another estimate than its type. */
  readonly planId?: string;
  readonly place: Place;
  /** Percent. */
  readonly charge?: number;
  /** Metres. */
  readonly rangeMeters?: number;
  /** Neither reserved nor disabled. */
  readonly isFree: boolean;
  /** When the partner heard of it last. */
  readonly at: Instant;
}

/** What a listing says of where it is from: beside the booking's half and the status. */
export interface Offering {
  readonly feedId: FeedId;
  readonly assetId: string;
  /** The partner would rent it out. */
  readonly isFree: boolean;
  /** When it was read. */
  readonly readAt: Instant;
}

export type Digest = (text: string) => Uint8Array;

/**
 * Under which it is booked with us: another one with each id that the partner gives it, as GBFS has it ("vehicle_id: rotated
 * after each trip"). So nobody of ours follows a bike from one trip to the next, and no table has to know former names.
 */
export function assetVehicleId(digest: Digest, { systemId, feedId }: FeedName, assetId: string): VehicleId {
  return vehicleIdOf(base32(digest(`${systemId}/${feedId}/${assetId}`), 20));
}

/** What stands for it on screens: GBFS knows nothing that stands on the frame. */
export function assetLabel(issuer: string, vehicleId: VehicleId): string {
  return `${issuer.slice(0, 15).trim()} ${vehicleId.slice(4, 12).toUpperCase()}`;
}
