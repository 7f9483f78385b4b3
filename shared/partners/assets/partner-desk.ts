import type { Instant } from '../../kernel/clock.ts';
import type { Place } from '../../sharing/zones/zone.ts';
import type { LegOperation, LegStatus } from '../tomp/leg.ts';
import type { PackageStatus } from '../tomp/package.ts';
import type { PartnerFeed } from './partner-feed.ts';

/** A package as far as it concerns one use of one asset. */
export interface PartnerPackage {
  readonly packageId: string;
  readonly status: PackageStatus;
  /** Until then it is confirmed, or begun. */
  readonly expiresAt?: Instant;
  readonly leg?: PartnerLeg;
  readonly price?: PartnerPrice;
}

export interface PartnerLeg {
  readonly legId: string;
  readonly status?: LegStatus;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** Driven, where the partner says so. */
  readonly meters?: number;
}

/** Minor units, tax included. */
export interface PartnerPrice {
  readonly amount: number;
  readonly currency: string;
  /** Hundredths of a percent. */
  readonly taxRate?: number;
  /** It is what is charged, and no estimate. */
  readonly isFinal: boolean;
}

export type Told<T> =
  | { readonly kind: 'told'; readonly value: T }
  /** The partner will not, in its own words. Nothing was done. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** Nobody knows whether it was done: the same is asked again. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface AssetWish {
  readonly assetId: string;
  readonly place: Place;
  readonly at: Instant;
}

/** Who rides, for the partner: a name that says nothing, and what our own checks have shown. */
export interface PartnerTraveller {
  readonly id: string;
  readonly vouched?: Vouched;
}

/** What our operator answers for: that the person meets the rules of the type, and no more of them than these. */
export interface Vouched {
  /** Full years, at least. */
  readonly age: number;
  /** Of the class, at least until the end of that day: `2026-11-22`. */
  readonly licence?: { readonly class: string; readonly until: string };
}

/** A partner's own bookings, TOMP 2.0. Each call may be repeated with the same reference, and is done once. Never throws. */
export interface PartnerDesk {
  /** Prices it, holds nothing. @returns the offer's id */
  offer(feed: PartnerFeed, wish: AssetWish, traveller: PartnerTraveller): Promise<Told<string>>;
  purchase(
    feed: PartnerFeed,
    offerId: string,
    traveller: PartnerTraveller,
    reference: string,
  ): Promise<Told<PartnerPackage>>;
  confirm(feed: PartnerFeed, packageId: string): Promise<Told<PartnerPackage>>;
  extend(feed: PartnerFeed, packageId: string, reference: string): Promise<Told<PartnerPackage>>;
  /** What is pending or confirmed is free again. */
  giveBack(feed: PartnerFeed, packageId: string, status: PackageStatus): Promise<Told<PartnerPackage>>;
  look(feed: PartnerFeed, packageId: string): Promise<Told<PartnerPackage>>;
  operate(feed: PartnerFeed, packageId: string, legId: string, operation: LegOperation): Promise<Told<undefined>>;
  /** The price is accepted: the partner need not ask again. */
  acceptPrice(feed: PartnerFeed, legId: string): Promise<Told<undefined>>;
}
