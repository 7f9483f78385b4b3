import type { Instant } from '../../kernel/clock.ts';
import { expiryGuard } from '../bookings/booked-vehicle.ts';
import type { DeclineReason } from '../payments/payments.ts';
import { type Bill, type BillTerms, billOf } from '../prices/bill.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import { type Course, useOf } from './course.ts';

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
  readonly heldAt: Instant;
  readonly expiresAt: Instant;
  /** The person has the vehicle no more, as far as bookings know. */
  readonly release?: Release;
  /** Version of the booked vehicle that `expiresAt` and `release` are from. */
  readonly bookingVersion: number;
  readonly course?: Course;
  /** What an operator said of a trip that was to be looked at. */
  readonly verdict?: Verdict;
  /** There as soon as anything is charged, and the same from then on. */
  readonly bill?: Bill;
  readonly payment: TripPayment;
  readonly refunds: readonly TripRefund[];
  /** Follows from all that; see `judged`. */
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
    }
  | { readonly kind: 'waive'; readonly at: Instant; readonly by: string; readonly reason: string };

export const reviewReasons = [
  /** The vehicle had been released, or belonged to somebody else, when its log was heard. */
  'stale-fence',
  'started-after-expiry',
  /** An operator took the vehicle back while it was driven. */
  'forced-end',
  'out-of-turn',
  'clock-set-back',
  'odometer-set-back',
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

/** The trip with the state that follows from what is known of it: the same, in whichever order it became known. */
export function judged(trip: Omit<Trip, 'state'>): Trip {
  return { ...trip, state: stateOf(trip) };
}

function stateOf(trip: Omit<Trip, 'state'>): TripState {
  const { payment, release, course, verdict } = trip;
  if (verdict?.kind === 'waive') return { status: 'settled', at: verdict.at, waived: true };
  const settledAt = settlementOf(payment);
  if (settledAt !== undefined) return { status: 'settled', at: settledAt };
  if (course === undefined) return release === undefined ? { status: 'held' } : unstarted(release);
  const reasons = doubtsOf(trip, course);
  if (verdict === undefined && reasons.length > 0) return { status: 'to-review', reasons };
  const endedAt = verdict?.endedAt ?? course.end?.at;
  return endedAt === undefined ? { status: 'under-way', since: course.start.at } : { status: 'ended', at: endedAt };
}

function settlementOf(payment: TripPayment): Instant | undefined {
  switch (payment.kind) {
    case 'open':
    case 'released':
    case 'capturing':
      return undefined;
    case 'captured':
    case 'paid':
    case 'forgiven':
      return payment.at;
    case 'owed':
    case 'collecting':
      return payment.since;
  }
}

function unstarted({ at, why, reason }: Release): TripState {
  if (why === 'expired') return { status: 'expired', at };
  return { status: 'cancelled', at, ...(reason !== undefined && { reason }) };
}

function doubtsOf({ release, expiresAt }: Omit<Trip, 'state'>, { start, flaws }: Course): ReviewReason[] {
  const late = start.at > expiresAt + expiryGuard ? (['started-after-expiry'] as const) : [];
  return [...takenBack(release), ...late, ...flaws];
}

function takenBack(release: Release | undefined): ReviewReason[] {
  if (release === undefined || release.why === 'ended') return [];
  return [release.why === 'forced' ? 'forced-end' : 'stale-fence'];
}

/** @returns undefined where nothing tells when it ended */
export function billed(trip: Trip): Bill | undefined {
  if (trip.bill !== undefined) return trip.bill;
  const { course, verdict, terms, heldAt } = trip;
  if (course === undefined) return undefined;
  const endedAt = verdict?.kind === 'settle' ? verdict.endedAt : undefined;
  const use = useOf(course, heldAt, endedAt);
  return use === undefined ? undefined : billOf(use, terms);
}

/** What has been taken from the person, before any refund. */
export function takenOf(payment: TripPayment): number {
  switch (payment.kind) {
    case 'open':
    case 'released':
    case 'capturing':
      return 0;
    case 'paid':
      return payment.captured + payment.collected;
    case 'captured':
    case 'owed':
    case 'collecting':
    case 'forgiven':
      return payment.captured;
  }
}

/** What could still be given back. */
export function refundable({ payment, refunds }: Trip): number {
  const given = refunds.filter(({ status }) => status !== 'refused').reduce((sum, { amount }) => sum + amount, 0);
  return takenOf(payment) - given;
}
