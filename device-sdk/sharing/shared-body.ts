import type { Place } from '#shared/sharing/zones/zone.ts';

/** How a shared vehicle stands. */
export interface SharedConditions {
  /** All doors, and the lid. */
  readonly doorsClosed: boolean;
  readonly ignitionOn: boolean;
  /** km/h */
  readonly speed: number;
  /** The key card, the cable, or whatever else goes with the vehicle is in its holder. */
  readonly keyInside: boolean;
  /** The last known; absent where it is not known any more. */
  readonly place?: Place;
  /** Metres since it was built. */
  readonly odometer: number;
  /** Percent. */
  readonly charge: number;
  readonly charging: boolean;
  readonly rangeMeters?: number;
}

/**
 * What sharing needs of the vehicle. Each method may be called again and then changes nothing; one that rejects has not
 * done it; each settles within seconds. What `immobilise` has done outlasts a loss of power.
 */
export interface SharedBody {
  conditions(): SharedConditions;
  /** Tells of each change of `conditions`. @returns what ends that */
  onConditions(listener: (conditions: SharedConditions) => void): () => void;
  /** The doors. */
  unlock(): Promise<void>;
  lock(): Promise<void>;
  /** Lets whoever sits in it drive off. */
  enable(): Promise<void>;
  immobilise(): Promise<void>;
}

export function isMoving({ speed }: SharedConditions): boolean {
  return speed > 0;
}
