import type { Instant } from '../../kernel/clock.ts';
import type { DeclineReason } from '../payments/payments.ts';
import type { Bill, BillTerms } from '../prices/bill.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { Course } from './course.ts';

/**
 * One use of one vehicle, from the hold to the bill. It decides nothing about who has the vehicle: it tells what became of
 * it, from the hold (by the stream of bookings), the vehicle's own log, and what an operator said of it.
 */
export interface Trip extends TripKey {
  readonly reservationId: ReservationId;
  readonly personId: string;
  readonly operatorId: OperatorId;
  readonly systemId: SystemId;
  readonly vehicleTypeId: string;
  /** Frozen at the hold. */
  readonly terms: BillTerms;
  /** The business that pays for it at the end of the month; said at the hold. Absent: the person pays. */
  readonly billTo?: string;
  readonly heldAt: Instant;
  readonly expiresAt: Instant;
  /** The person has the vehicle no more, as far as bookings know. */
  readonly release?: Release;
  /** Version of the booked vehicle that `expiresAt` and `release` are from. */
  readonly bookingVersion: number;
  readonly course?: Course;
  /** The vehicle is a partner's, by whose feed it was offered: they say what it costs. */
  readonly partner?: string;
  /** What the partner takes, once they have said so. */
  readonly partnerBill?: Bill;
  /** Why the operator has to say what it costs instead. */
  readonly partnerDoubt?: PartnerDoubt;
  /** What an operator said of a trip that was to be looked at. */
  readonly verdict?: Verdict;
  /** There as soon as anything is charged, and the same from then on. */
  readonly bill?: Bill;
  readonly payment: TripPayment;
  readonly refunds: readonly TripRefund[];
  /** Follows from all that; see `trip-state.ts`. */
  readonly state: TripState;
  /** Rises with each write. */
  readonly version: number;
}

/** A fence is one holder's: it names the trip among those of its vehicle. */
export interface TripKey {
  readonly vehicleId: string;
  readonly fence: number;
}

export interface Release {
  readonly at: Instant;
  readonly why: 'ended' | 'cancelled' | 'expired' | 'forced';
  readonly reason?: string;
}

export type Verdict =
  | {
      readonly kind: 'settle';
      readonly at: Instant;
      readonly by: string;
      readonly reason: string;
      /** When it is taken to have ended: needed where the vehicle told of no end, and else before what it told. */
      readonly endedAt?: Instant;
      /** What it costs, where the vehicle is a partner's and this is not what the partner named. Minor units. */
      readonly amount?: number;
    }
  | { readonly kind: 'waive'; readonly at: Instant; readonly by: string; readonly reason: string };

export const partnerDoubts = [
  /** Its time is over and the partner has named none. */
  'partner-price-missing',
  /** Far above what our own rules make of such a use. */
  'partner-price-high',
  /** In another currency, or no amount. */
  'partner-price-unusable',
  /** The partner cancelled what had been started. */
  'partner-withdrew',
] as const;

/** Who pays is charged nothing until the operator has decided. */
export interface PartnerDoubt {
  readonly why: (typeof partnerDoubts)[number];
  readonly at: Instant;
  /** Who would stand on the bill. */
  readonly issuer: NonNullable<Bill['issuer']>;
  /** What the partner has named. */
  readonly bill?: Bill;
}

export const reviewReasons = [
  /** The vehicle had been released, or belonged to somebody else, when its log was heard. */
  'stale-fence',
  /** By the clock of whoever tells of it: from then on it would be billed. */
  'started-before-hold',
  'started-after-expiry',
  /** An operator took the vehicle back while it was driven. */
  'forced-end',
  'out-of-turn',
  'clock-set-back',
  'odometer-set-back',
  ...partnerDoubts,
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

export const tripStatuses = ['held', 'under-way', 'ended', 'settled', 'cancelled', 'expired', 'to-review'] as const;

export type TripState =
  | { readonly status: 'held' }
  | { readonly status: 'under-way'; readonly since: Instant }
  | { readonly status: 'ended'; readonly at: Instant }
  | { readonly status: 'settled'; readonly at: Instant; readonly waived?: true }
  | { readonly status: 'cancelled'; readonly at: Instant; readonly reason?: string }
  | { readonly status: 'expired'; readonly at: Instant }
  | { readonly status: 'to-review'; readonly reasons: readonly ReviewReason[] };

/** Each is written before the provider is asked for what follows from it, so that whoever comes after a crash goes on. */
export type TripPayment =
  | { readonly kind: 'open' }
  /** What was set aside is free again. */
  | { readonly kind: 'released'; readonly at: Instant }
  | { readonly kind: 'capturing'; readonly since: Instant }
  | { readonly kind: 'captured'; readonly at: Instant; readonly captured: number }
  /** Stands on the account of a business: the person owes nothing. */
  | { readonly kind: 'on-account'; readonly at: Instant }
  | ({ readonly kind: 'owed' } & Owed)
  /** The person pays what they owe. */
  | ({ readonly kind: 'collecting'; readonly paymentId: string; readonly paymentMethod: string } & Owed)
  | {
      readonly kind: 'paid';
      readonly at: Instant;
      /** When the bill was captured, as far as it could be. */
      readonly since: Instant;
      readonly captured: number;
      readonly collected: number;
      /** The driver's item says it, too. */
      readonly told: boolean;
    }
  | {
      readonly kind: 'forgiven';
      readonly at: Instant;
      readonly since: Instant;
      readonly captured: number;
      readonly forgiven: number;
      readonly by: string;
      readonly reason: string;
      readonly told: boolean;
    };

export interface Owed {
  readonly since: Instant;
  readonly captured: number;
  /** Above zero. */
  readonly owed: number;
  readonly reason: DeclineReason;
  readonly told: boolean;
}

export interface TripRefund {
  readonly refundId: string;
  readonly amount: number;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly status: 'begun' | 'refunded' | 'refused';
}
