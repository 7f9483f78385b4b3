import type { Instant } from '../../kernel/clock.ts';
import type { Payable, ReservationId } from '../sharing-id.ts';

/**
 * How a use is paid for, whoever the provider is (docs/decisions/payments.md). Everything is idempotent: asked again, it
 * answers what it answered, so that a lost answer is got by asking once more. Amounts are whole minor units.
 *
 * A call that throws says nothing about what happened: ask again.
 */
export interface Payments {
  /**
   * Sets money aside. At most one a reservation: whoever has one is `authorized` again, whatever else is asked. Declined,
   * it may be asked again, perhaps with another method. Never after a `release`.
   */
  authorize(
    reservationId: ReservationId,
    amount: number,
    currency: string,
    paymentMethod: string,
  ): Promise<Authorization>;
  /**
   * Takes what the use costs, once: the first outcome stands. More than was set aside may be asked for: what can be taken
   * is taken, and the rest is said to have failed.
   */
  capture(reservationId: ReservationId, amount: number): Promise<Capture>;
  /** Sets free what was set aside and not taken. Also where nothing was: what comes later is declined then. */
  release(reservationId: ReservationId): Promise<void>;
  /**
   * A payment of its own, for what could not be captured or for a charge: each attempt has its id, and at most one succeeds.
   *
   * @param paymentId of this attempt, unique within what is paid for
   */
  collect(
    payable: Payable,
    amount: number,
    currency: string,
    paymentMethod: string,
    paymentId: string,
  ): Promise<Collection>;
  /**
   * Gives back part of what was taken, or all of it; never more, together with those before.
   *
   * @param refundId of this refund, unique within what was paid for
   */
  refund(payable: Payable, amount: number, refundId: string): Promise<Refund>;
}

export const declineReasons = [
  'card-declined',
  'insufficient-funds',
  'authorization-expired',
  'unknown-payment-method',
  'released',
  'not-authorized',
  'provider-failed',
] as const;
export type DeclineReason = (typeof declineReasons)[number];

export type Authorization =
  | { readonly kind: 'authorized' }
  | { readonly kind: 'declined'; readonly reason: DeclineReason };

export type Capture =
  | { readonly kind: 'captured' }
  | {
      readonly kind: 'failed';
      readonly reason: DeclineReason;
      /** Was taken nonetheless: what is missing is owed. */
      readonly captured: number;
    };

export type Collection = { readonly kind: 'collected' } | { readonly kind: 'declined'; readonly reason: DeclineReason };

export type Refund =
  | { readonly kind: 'refunded' }
  | { readonly kind: 'refused'; readonly reason: 'more-than-taken' | 'provider-failed' };

/**
 * What a person owes for one use (its bill less what could be captured) or for one charge. Open until it is paid or forgiven; any open one
 * bars new holds of that operator, never a lock and never the end of a trip.
 */
export interface OpenDebt {
  /** Of the use; or the id of the charge. */
  readonly reservationId: Payable;
  /** Above zero. */
  readonly amount: number;
  /** ISO 4217 */
  readonly currency: string;
  readonly since: Instant;
}
