import type { Instant } from '../../kernel/clock.ts';
import { partnerBill as asPartnerBill } from '../../partners/assets/partner-bill.ts';
import { type Bill, billOf } from '../prices/bill.ts';
import { useOf } from './course.ts';
import type { Trip, TripPayment } from './trip.ts';

/** Money that moved. */
export interface Receipt {
  readonly kind: 'payment' | 'refund';
  readonly at: Instant;
  /** Minor units, above zero. */
  readonly amount: number;
}

/** @returns undefined where nothing tells when it ended */
export function billed(trip: Trip): Bill | undefined {
  if (trip.bill !== undefined) return trip.bill;
  const { course, verdict, terms, heldAt } = trip;
  if (trip.partner !== undefined) return billedOfPartner(trip);
  if (course === undefined) return undefined;
  const endedAt = verdict?.kind === 'settle' ? verdict.endedAt : undefined;
  const use = useOf(course, heldAt, endedAt);
  return use === undefined ? undefined : billOf(use, terms);
}

/** What the operator decided, or what the partner named: our own plan is no bill of theirs. */
function billedOfPartner({ course, verdict, terms, partnerBill, partnerDoubt }: Trip): Bill | undefined {
  const decided = verdict?.kind === 'settle' ? verdict : undefined;
  const named = partnerBill ?? partnerDoubt?.bill;
  const endedAt = decided?.endedAt ?? course?.end?.at;
  if (decided?.amount === undefined || endedAt === undefined) return named;
  const price = { amount: decided.amount, currency: terms.plan.currency };
  return asPartnerBill(price, named?.issuer ?? partnerDoubt?.issuer, terms, endedAt);
}

/** What has been taken from the person, before any refund. */
export function takenOf(payment: TripPayment): number {
  switch (payment.kind) {
    case 'open':
    case 'released':
    case 'capturing':
    case 'on-account':
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
export function refundable({ payment, refunds, bill }: Trip): number {
  const given = refunds.filter(({ status }) => status !== 'refused').reduce((sum, { amount }) => sum + amount, 0);
  const most = payment.kind === 'on-account' ? (bill?.total ?? 0) : takenOf(payment);
  return most - given;
}

/** What was taken and given back, in its order. */
export function receiptsOf({ payment, refunds }: Trip): readonly Receipt[] {
  if (payment.kind === 'on-account') return [];
  const given = refunds.filter(({ status }) => status === 'refunded');
  return [...paidIn(payment), ...given.map(({ at, amount }) => ({ kind: 'refund' as const, at, amount }))];
}

function paidIn(payment: TripPayment): readonly Receipt[] {
  const collected =
    payment.kind === 'paid' ? [{ kind: 'payment' as const, at: payment.at, amount: payment.collected }] : [];
  const captured = takenOf(payment) - (collected[0]?.amount ?? 0);
  if (captured === 0) return collected;
  const at = 'since' in payment ? payment.since : 'at' in payment ? payment.at : 0;
  return [{ kind: 'payment', at, amount: captured }, ...collected];
}
