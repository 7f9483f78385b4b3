import type { Brand } from '../../registry/brand.ts';
import type { OfferText, Precondition } from '../../vehicle-cloud/update-envelopes.ts';

/** What a campaign and its offers have to know of a release. */
export interface OfferedRelease {
  readonly releaseId: string;
  readonly brand: Brand;
  /** Of the vehicle as a whole, afterwards. */
  readonly softwareVersion: string;
  readonly texts: Readonly<Record<string, OfferText>>;
  readonly minutes: number;
  /** To be downloaded, at the most. */
  readonly bytes: number;
  readonly preconditions: readonly Precondition[];
  readonly images: readonly OfferedImage[];
  readonly approved: boolean;
}

export interface OfferedImage {
  readonly ecuId: string;
  readonly hardwareIds: readonly string[];
  readonly releaseCounter: number;
  /** What has to run beside it, afterwards. */
  readonly requires?: readonly { readonly ecuId: string; readonly releaseCounter: number }[];
}

export interface ReleaseSource {
  load(releaseId: string): Promise<OfferedRelease | undefined>;
}
