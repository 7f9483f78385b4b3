import type { Instant } from '../kernel/clock.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing/sharing-id.ts';
import type { PackageId } from './package-id.ts';
import type { LegOperation, LegStatus } from './tomp/leg.ts';
import type { PackageStatus } from './tomp/package.ts';

/**
 * What a partner has bought: who has the vehicle stands in the booking alone, and what became of the use in its trip. Here
 * stands what the two agreed upon, and what the partner was told last.
 */
export interface PartnerPackage {
  readonly packageId: PackageId;
  readonly clientId: string;
  readonly systemId: SystemId;
  readonly operatorId: OperatorId;
  readonly vehicleId: string;
  /** What the partner calls it, as it was offered. Absent in what was written before: the vehicle's own id. */
  readonly assetId?: string;
  readonly vehicleTypeId: string;
  readonly label: string;
  readonly offerId: string;
  /** The partner's own name for the customer. */
  readonly travellerId: string;
  /** The customer's name here; see `traveller-id.ts`. */
  readonly personId: string;
  readonly reservationId: ReservationId;
  readonly purchasedAt: Instant;
  /** Of the hold, as it was told last. */
  readonly expiresAt: Instant;
  readonly extensions: number;
  readonly planId: string;
  readonly planVersion: number;
  /** Minor units. */
  readonly estimate: number;
  readonly currency: string;
  readonly decision: Decision;
  /** What the partner asked of the vehicle, where its operator has to see to it. */
  readonly asked?: Asked;
  readonly key?: TravelKey;
  /** As the partner was told last. */
  readonly told: Told;
  /** Since when that is so. */
  readonly toldAt: Instant;
  /** Rises with each write. */
  readonly version: number;
}

/** What was decided by word; what the vehicle does counts for more. */
export type Decision =
  | { readonly kind: 'open' }
  | { readonly kind: 'confirmed'; readonly at: Instant }
  /** Given back: written before the hold is, so that whoever comes after a crash goes on. */
  | { readonly kind: 'given-back'; readonly as: GivenBack; readonly at: Instant }
  /** The partner has accepted what it costs. */
  | { readonly kind: 'settled'; readonly at: Instant };

export type GivenBack = 'ROLLBACK' | 'RELEASED' | 'CANCELLED';

export interface Asked {
  readonly operation: LegOperation;
  readonly at: Instant;
}

/** For one phone. Opens nothing without that phone's own key. */
export interface TravelKey {
  readonly tokenId: string;
  /** base64url */
  readonly token: string;
  readonly notBefore: Instant;
  readonly expiresAt: Instant;
}

export interface Told {
  readonly status: PackageStatus;
  readonly leg: LegStatus;
  readonly reason?: string;
}

/** What the booking and the trip say of the use behind it. */
export type Use =
  | { readonly kind: 'held'; readonly expiresAt: Instant; readonly extensions: number }
  | { readonly kind: 'driven'; readonly startedAt?: Instant; readonly paused: boolean }
  /** `charged`: its bill stands, and was taken. */
  | { readonly kind: 'ended'; readonly charged: boolean }
  | { readonly kind: 'cancelled'; readonly at: Instant; readonly reason?: string }
  | { readonly kind: 'expired' }
  /** Between the booking and the trip, for a moment. */
  | { readonly kind: 'unknown' };

const openStatuses: readonly PackageStatus[] = ['OFFERED', 'PENDING', 'CONFIRMED', 'STARTED'];

/** What a write changes in the number of open packages. What was given back and is driven all the same counts again. */
export function openedBy(before: PartnerPackage, after: PartnerPackage): -1 | 0 | 1 {
  if (isOver(before.told) === isOver(after.told)) return 0;
  return isOver(after.told) ? -1 : 1;
}

export function isOver({ status }: Pick<Told, 'status'>): boolean {
  return !openStatuses.includes(status);
}

/**
 * Whether something may be told of it still. Whoever was let in, or has a key, may drive all the same though the hold has
 * lapsed or was given back: the vehicle may have been out of reach. For anybody else what is over stays so.
 */
export function isFollowed({ told, key, asked }: Pick<PartnerPackage, 'told' | 'key' | 'asked'>): boolean {
  if (!isOver(told)) return true;
  const hasEnded = told.status === 'ENDED' || told.status === 'SETTLED';
  return !hasEnded && (key !== undefined || asked !== undefined);
}
