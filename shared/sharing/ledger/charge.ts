import type { Instant } from '../../kernel/clock.ts';
import type { Market } from '../../registry/market.ts';
import type { DeclineReason, OpenDebt } from '../payments/payments.ts';
import type { ChargeId, OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import { type ChargeReceipt, receivedOf } from './charge-receipt.ts';
import type { Debtor, DocumentLine, ReceivableChange } from './receivable.ts';

export const chargeKinds = [
  ...(['fine', 'toll', 'cleaning', 'damage-excess', 'lost-property', 'recovery', 'other'] as const),
] as const;
export type ChargeKind = (typeof chargeKinds)[number];

/** What somebody has to pay beside the bill of a trip. Of a business: all that its month came to. */
export interface Charge {
  readonly chargeId: ChargeId;
  readonly operatorId: OperatorId;
  readonly systemId?: SystemId;
  readonly debtor: Debtor;
  readonly kind: ChargeKind | 'business-month';
  /** The use that it is about. */
  readonly reservationId?: ReservationId;
  readonly lines: readonly DocumentLine[];
  /** The sum of the lines, tax included; above zero. */
  readonly amount: number;
  readonly currency: string;
  readonly market: Market;
  readonly timeZone: string;
  /** When what it is about happened. */
  readonly happenedAt: Instant;
  readonly reason: string;
  /** Where the proof lies: a case, a photo, a file of an authority. */
  readonly evidence?: string;
  readonly fine?: FineReference;
  readonly madeAt: Instant;
  readonly by: string;
  /** Until then it may be disputed, once. */
  readonly disputableUntil: Instant;
  readonly dispute?: Dispute;
  readonly payment: ChargePayment;
  /** What came by bank transfer, as it was entered. */
  readonly receipts?: readonly ChargeReceipt[];
  /** What was taken off it, in its order. */
  readonly reductions: readonly Reduction[];
  readonly version: number;
}

export interface FineReference {
  readonly authority: string;
  readonly reference: string;
  /** What stood on the vehicle. */
  readonly plate: string;
}

export interface Dispute {
  readonly at: Instant;
  readonly text: string;
  readonly decision?: Decision;
}

export interface Decision {
  readonly kind: 'uphold' | 'reduce' | 'waive';
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
}

/** Each is written before the provider is asked for what follows from it. `owed` is what of `amount` is asked for still. */
export type ChargePayment =
  | {
      readonly kind: 'collecting';
      readonly since: Instant;
      readonly owed: number;
      readonly paymentId: string;
      readonly paymentMethod: string;
      readonly told: boolean;
    }
  | {
      readonly kind: 'owed';
      readonly since: Instant;
      readonly owed: number;
      readonly reason: DeclineReason;
      readonly told: boolean;
    }
  /** `collected` by the provider: none of what came by transfer. */
  | { readonly kind: 'paid'; readonly at: Instant; readonly collected: number; readonly told: boolean }
  /** Nothing of it is asked for any more, and the provider has taken nothing. */
  | { readonly kind: 'void'; readonly at: Instant; readonly told: boolean };

export interface Reduction {
  readonly id: string;
  readonly kind: 'forgiven' | 'refunded';
  readonly at: Instant;
  readonly amount: number;
  readonly by: string;
  readonly reason: string;
  readonly status: 'begun' | 'done' | 'refused';
}

/** What is to be done next, from what is written of it alone. */
export type ChargeStep =
  | { readonly kind: 'collect'; readonly amount: number; readonly paymentMethod: string; readonly paymentId: string }
  | { readonly kind: 'tell' }
  | { readonly kind: 'refund'; readonly reduction: Reduction };

export function nextChargeStep({ payment, reductions }: Charge): ChargeStep | undefined {
  if (payment.kind === 'collecting') {
    const { owed: amount, paymentMethod, paymentId } = payment;
    return { kind: 'collect', amount, paymentMethod, paymentId };
  }
  if (!payment.told) return { kind: 'tell' };
  const reduction = reductions.find(({ status }) => status === 'begun');
  return reduction === undefined ? undefined : { kind: 'refund', reduction };
}

export function withChargePaid(charge: Charge, at: Instant): Charge {
  const { payment } = charge;
  if (payment.kind !== 'collecting') return charge;
  // Whom nobody told of a debt need not hear that it is gone.
  return next(charge, { kind: 'paid', at, collected: payment.owed, told: payment.told });
}

export function withChargeDeclined(charge: Charge, reason: DeclineReason): Charge {
  const { payment } = charge;
  if (payment.kind !== 'collecting') return charge;
  const { since, owed } = payment;
  return next(charge, { kind: 'owed', since, owed, reason, told: false });
}

/** The debtor pays what they owe: an attempt with a name of its own. */
export function withChargeAttempt(charge: Charge, paymentId: string, paymentMethod: string): Charge {
  const { payment } = charge;
  if (payment.kind !== 'owed') return charge;
  const { since, owed } = payment;
  // They were told of the debt, so they are told how it ends.
  return next(charge, { kind: 'collecting', since, owed, paymentId, paymentMethod, told: false });
}

export function withChargeTold(charge: Charge): Charge {
  return next(charge, { ...charge.payment, told: true });
}

export function withReduction(charge: Charge, reduction: Reduction): Charge {
  const others = charge.reductions.filter(({ id }) => id !== reduction.id);
  return { ...charge, reductions: [...others, reduction], version: charge.version + 1 };
}

/** What of it may still be taken off: it was taken, or is owed. What came by transfer the provider cannot give back. */
export function reducible(charge: Charge): number {
  const { amount, reductions } = charge;
  const asked = amount - receivedOf(charge);
  return reductions.reduce((left, one) => (one.status === 'refused' ? left : left - one.amount), asked);
}

/** So much less: what is owed is forgiven, what was taken is given back. Nothing is being collected meanwhile. */
export function reduced(charge: Charge, by: Omit<Reduction, 'kind' | 'status'>): Charge {
  const { payment } = charge;
  if (payment.kind !== 'owed') return withReduction(charge, { ...by, kind: 'refunded', status: 'begun' });
  const forgiven = withReduction(charge, { ...by, kind: 'forgiven', status: 'done' });
  const owed = payment.owed - by.amount;
  const left: ChargePayment = owed > 0 ? { ...payment, owed, told: false } : { kind: 'void', at: by.at, told: false };
  return { ...forgiven, payment: left };
}

/** @returns what is owed for it, if anything */
export function chargeDebtOf({ payment, chargeId, currency }: Charge): OpenDebt | undefined {
  if (payment.kind === 'paid' || payment.kind === 'void') return undefined;
  // Asked for the first time, nobody knows yet whether it comes.
  if (payment.kind === 'collecting' && payment.told) return undefined;
  return { reservationId: chargeId, amount: payment.owed, currency, since: payment.since };
}

export function chargeChanges({ payment, reductions, receipts = [] }: Charge): readonly ReceivableChange[] {
  const off: ReceivableChange[] = reductions
    .filter(({ status }) => status === 'done')
    .map(({ id, kind, at, amount, reason }) => ({ id, kind, at, amount, reason }));
  const transferred: ReceivableChange[] = receipts.map(({ receiptId, at, amount }) => ({
    ...{ kind: 'collected', id: `receipt-${receiptId}`, at, amount, transfer: receiptId },
  }));
  const paid: ReceivableChange[] =
    payment.kind === 'paid' && payment.collected > 0
      ? [{ kind: 'collected', id: 'debt', at: payment.at, amount: payment.collected }]
      : [];
  return [...transferred, ...paid, ...off];
}

function next(charge: Charge, payment: ChargePayment): Charge {
  return { ...charge, payment, version: charge.version + 1 };
}
