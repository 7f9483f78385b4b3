import type { Precondition } from '../../vehicle-cloud/update-envelopes.ts';
import type { Targets } from './metadata.ts';

/**
 * What the standard leaves to `custom`. The names are those of the published implementations (`ecuIdentifiers`,
 * `hardwareId`, `hardwareIds`); those behind `softwareVersion` are ours.
 */
export interface ImageCustom {
  readonly hardwareIds: readonly string[];
  /** Rises with each release of this software; never falls. */
  readonly releaseCounter: number;
  readonly softwareVersion: string;
  readonly releaseId: string;
  /** Ways to this image from an earlier one. */
  readonly deltas?: readonly Delta[];
}

/** A file that turns the image with the hash `fromSha256` into this one. */
export interface Delta {
  readonly path: string;
  readonly length: number;
  readonly fromSha256: string;
  /** Of the delta itself. */
  readonly sha256: string;
}

/** The Director's word on an image: for which control units of this one vehicle. */
export interface DirectorCustom {
  readonly ecuIdentifiers: Readonly<Record<string, EcuAssignment>>;
  readonly releaseCounter: number;
  readonly softwareVersion: string;
}

export interface EcuAssignment {
  readonly hardwareId: string;
  /** One of the image's `deltas`, where the control unit has its base. */
  readonly delta?: Delta;
}

/** On the Director's Targets as a whole. */
export interface UpdateCustom {
  readonly campaignId: string;
  readonly releaseId: string;
  /** The vehicle's software as a whole, afterwards. */
  readonly softwareVersion: string;
  readonly preconditions: readonly Precondition[];
  /** By UN regulation: the RXSWIN that the release was approved for, and the one of its approval. */
  readonly rxswins?: Readonly<Record<string, RxswinStep>>;
}

export interface RxswinStep {
  readonly before: string;
  readonly after: string;
}

/** Also of each delegated role. */
export type ImageTargets = Targets<ImageCustom>;

export type DirectorTargets = Targets<DirectorCustom, UpdateCustom>;
