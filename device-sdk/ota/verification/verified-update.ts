import type { RxswinStep } from '#shared/ota/uptane/custom.ts';
import type { Precondition } from '#shared/vehicle-cloud/update-envelopes.ts';

/** An image that Director and Image repository agree on, for one control unit of this vehicle. */
export interface VerifiedImage {
  readonly ecuId: string;
  readonly hardwareId: string;
  readonly softwareVersion: string;
  readonly releaseCounter: number;
  /** Below the `baseUrl` of the images' grant. */
  readonly path: string;
  readonly length: number;
  /** Hex. */
  readonly hashes: { readonly sha256: string; readonly sha512?: string };
  /** A shorter way from the image with `fromSha256`. What it leads to is checked against `hashes`. */
  readonly delta?: {
    readonly path: string;
    readonly length: number;
    readonly fromSha256: string;
    /** Of the delta itself. */
    readonly sha256: string;
  };
}

/** What may be installed: all of it, or nothing. */
export interface VerifiedUpdate {
  readonly campaignId: string;
  readonly releaseId: string;
  /** The vehicle's software as a whole, afterwards. */
  readonly softwareVersion: string;
  readonly images: readonly VerifiedImage[];
  /** When the Director issued its Timestamp, ms since the Unix epoch. */
  readonly timestampIssuedAt: number;
  readonly preconditions: readonly Precondition[];
  /** By UN regulation; absent where no approval rests on this software. */
  readonly rxswins?: Readonly<Record<string, RxswinStep>>;
}
