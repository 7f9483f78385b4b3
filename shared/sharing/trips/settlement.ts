import type { Instant } from '../../kernel/clock.ts';
import type { Capture, Collection, OpenDebt } from '../payments/payments.ts';
import { billed } from './receipts.ts';
import type { Trip, TripPayment, TripRefund, Verdict } from './trip.ts';
import { judged } from './trip-state.ts';

/** What is to be done next for a trip, from what is written of it alone: whoever comes after a crash does the same. */
export type SettlementStep =
  /** Sets free what was set aside. */
  | { readonly kind: 'release' }
  /** Writes the bill down: from then on it stands. */
  | { readonly kind: 'bill' }
  | { readonly kind: 'capture'; readonly amount: number }
  | { readonly kind: 'collect'; readonly amount: number; readonly paymentMethod: string; readonly paymentId: string }
  /** The driver's item has to say what is owed, or that nothing is any more. */
  | { readonly kind: 'tell' }
  | { readonly kind: 'refund'; readonly refund: TripRefund };

/**
 * ms after which a decision is looked at again: asked for before it is written, so that who dies right behind the writing
 * leaves it to somebody.
 */
export const lookAgain = 60_000;

export function nextStep(trip: Trip): SettlementStep | undefined {
  const { payment, state, refunds } = trip;
  switch (payment.kind) {
    case 'open':
    case 'released':
      return beforeCharging(trip, payment.kind);
    case 'capturing':
      return { kind: 'capture', amount: trip.bill?.total ?? 0 };
    case 'collecting': {
      const { owed: amount, paymentMethod, paymentId } = payment;
      return { kind: 'collect', amount, paymentMethod, paymentId };
    }
    case 'owed':
    case 'paid':
    case 'forgiven':
      if (!payment.told) return { kind: 'tell' };
  }
  const refund = refunds.find(({ status }) => status === 'begun');
  return refund === undefined || state.status !== 'settled' ? undefined : { kind: 'refund', refund };
}

function beforeCharging(trip: Trip, payment: 'open' | 'released'): SettlementStep | undefined {
  const { state, release, verdict } = trip;
  switch (state.status) {
    case 'ended':
      // A partner says what it costs, and may say so later: our own plan is an estimate.
      if (trip.partner !== undefined && trip.partnerBill === undefined && verdict === undefined) return undefined;
      // The log may be heard before the bookings say whose use it was: what they say has it settled, or looked at.
      return release === undefined && verdict === undefined ? undefined : { kind: 'bill' };
    case 'cancelled':
    case 'expired':
    // Waived: nothing is charged.
    case 'settled':
      return payment === 'open' ? { kind: 'release' } : undefined;
    case 'held':
    case 'under-way':
    case 'to-review':
      return undefined;
  }
}

export function needsSettlement(trip: Trip): boolean {
  return nextStep(trip) !== undefined;
}

export function withRelease(trip: Trip, at: Instant): Trip {
  return next(trip, { kind: 'released', at });
}

export function withBill(trip: Trip, at: Instant): Trip {
  const bill = billed(trip);
  if (bill === undefined) throw new RangeError('Nothing tells when the trip has ended');
  if (trip.billTo !== undefined) return next({ ...trip, bill }, { kind: 'on-account', at });
  return next({ ...trip, bill }, { kind: 'capturing', since: at });
}

/** @param outcome what came of capturing the whole bill */
export function withCapture(trip: Trip, outcome: Capture, at: Instant): Trip {
  const total = trip.bill?.total ?? 0;
  if (outcome.kind === 'captured') return next(trip, { kind: 'captured', at, captured: total });
  const { captured, reason } = outcome;
  return next(trip, { kind: 'owed', since: at, captured, owed: total - captured, reason, told: false });
}

/** @param outcome what came of the person's payment; declined, they owe it as before */
export function withCollection(trip: Trip, outcome: Collection, at: Instant): Trip {
  const { payment } = trip;
  if (payment.kind !== 'collecting') return trip;
  const { paymentId: _, paymentMethod: __, kind: ___, ...debt } = payment;
  if (outcome.kind === 'declined') return next(trip, { ...debt, kind: 'owed', reason: outcome.reason });
  const { since, captured, owed } = debt;
  return next(trip, { kind: 'paid', at, since, captured, collected: owed, told: false });
}

export function withTold(trip: Trip): Trip {
  const { payment } = trip;
  return 'told' in payment ? next(trip, { ...payment, told: true }) : trip;
}

export function withRefund(trip: Trip, refund: TripRefund): Trip {
  const others = trip.refunds.filter(({ refundId }) => refundId !== refund.refundId);
  return next({ ...trip, refunds: [...others, refund] }, trip.payment);
}

/** The person pays what they owe: an attempt with a name of its own. */
export function withPayment(trip: Trip, paymentId: string, paymentMethod: string): Trip {
  const { payment } = trip;
  return payment.kind === 'owed' ? next(trip, { ...payment, kind: 'collecting', paymentId, paymentMethod }) : trip;
}

export function withForgiveness(trip: Trip, by: string, reason: string, at: Instant): Trip {
  const { payment } = trip;
  if (payment.kind !== 'owed') return trip;
  const { since, captured, owed } = payment;
  return next(trip, { kind: 'forgiven', at, since, captured, forgiven: owed, by, reason, told: false });
}

export function withVerdict(trip: Trip, verdict: Verdict): Trip {
  return next({ ...trip, verdict }, trip.payment);
}

function next(trip: Trip, payment: TripPayment): Trip {
  return judged({ ...trip, payment, version: trip.version + 1 });
}

/** @returns what the trip's driver owes for it, if anything */
export function debtOf({ payment, reservationId, terms }: Trip): OpenDebt | undefined {
  if (payment.kind !== 'owed' && payment.kind !== 'collecting') return undefined;
  return { reservationId, amount: payment.owed, currency: terms.plan.currency, since: payment.since };
}
