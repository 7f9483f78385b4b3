import * as z from 'zod/mini';
import { type Charge, chargeKinds } from '#shared/sharing/ledger/charge.ts';
import { receivedOf } from '#shared/sharing/ledger/charge-receipt.ts';
import { type ChargeId, chargeIdPattern, isChargeId } from '#shared/sharing/sharing-id.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { money } from './invoice-view.ts';
import { operatorIdText } from './sharing-setup-view.ts';

const chargeIdText = text<ChargeId>(isChargeId, () => 'is no charge id', {
  pattern: chargeIdPattern.source,
  description: 'What somebody is charged beside the bill of a trip',
});

export const chargePath = z.object({ operatorId: operatorIdText, chargeId: chargeIdText });

const payments = ['pending', 'paid', 'owed', 'void', 'on-account'] as const;

const shape = {
  ...{ chargeId: z.string(), kind: as(z.enum([...chargeKinds, 'business-month']), { description: 'What for' }) },
  reservationId: z.exactOptional(z.string()),
  lines: z.array(
    z.object({ item: z.string(), amount: money('With tax, if any'), percent: z.exactOptional(z.number()) }),
  ),
  ...{ amount: money('In all'), currency: z.string(), reason: z.string(), evidence: z.exactOptional(z.string()) },
  fine: z.exactOptional(z.object({ authority: z.string(), reference: z.string(), plate: z.string() })),
  ...{ happenedAt: instant(), madeAt: instant(), disputableUntil: instant('Until then it may be disputed, once') },
  dispute: z.exactOptional(
    z.object({
      ...{ at: instant(), text: z.string() },
      decision: z.exactOptional(
        z.object({ kind: z.enum(['uphold', 'reduce', 'waive']), at: instant(), reason: z.string() }),
      ),
    }),
  ),
  payment: z.object({
    status: as(z.enum(payments), {
      description: '`owed` bars new holds with this operator until it is paid; `on-account`: in a partner’s journal',
    }),
    ...{ taken: money('Taken, before anything was given back'), owed: money('Still owed') },
    reason: z.exactOptional(z.string()),
  }),
  reductions: z.array(
    z.object({
      ...{ kind: z.enum(['forgiven', 'refunded']), at: instant(), amount: money('Less'), reason: z.string() },
      status: z.enum(['begun', 'done', 'refused']),
    }),
  ),
};
export const chargeSchema = as(z.object(shape), { id: 'Charge' });
export const deskChargeSchema = as(
  z.object({
    receipts: z.exactOptional(
      as(z.array(z.object({ receiptId: z.string(), receivedOn: z.string(), amount: money('Came') })), {
        description: 'Of a business: what it paid by bank transfer, which is in `taken`',
      }),
    ),
    ...{ ...shape, personId: z.exactOptional(z.string()), by: z.string() },
    partner: z.exactOptional(as(z.string(), { description: 'The client that booked it for a customer, and pays' })),
  }),
  {
    id: 'OperatorCharge',
  },
);

export const chargeExample = {
  ...{ chargeId: 'chg-1c2k4sq00abcdefghijklmnopqrst', kind: 'cleaning', amount: 4_500, currency: 'EUR' },
  ...{ reservationId: 'rsv-1c2k4sq00abcdefghijklmnopqrst', reason: 'Sand on all seats, case 4711' },
  lines: [{ item: 'cleaning', amount: 4_500, percent: 19 }],
  ...{ happenedAt: '2026-11-21T08:53:02.000Z', madeAt: '2026-11-22T10:00:00.000Z' },
  ...{
    disputableUntil: '2026-12-06T10:00:00.000Z',
    payment: { status: 'paid', taken: 4_500, owed: 0 },
    reductions: [],
  },
};
export const deskChargeExample = {
  ...{ ...chargeExample, personId: '3f1c2b5e-8a7d-4c09-9d51-2e6f70b1a4c8', by: 'we-share-back-office' },
};

export function chargeView(charge: Charge) {
  const { chargeId, kind, reservationId, amount, currency, reason, evidence, fine, dispute } = charge;
  return {
    ...{ chargeId, kind, ...(reservationId !== undefined && { reservationId }) },
    lines: charge.lines.map(({ item, amount: part, rate }) => ({
      ...{ item, amount: part, ...(rate !== undefined && { percent: rate / 100 }) },
    })),
    ...{ amount, currency, reason, ...(evidence !== undefined && { evidence }), ...(fine !== undefined && { fine }) },
    ...{ happenedAt: isoTime(charge.happenedAt), madeAt: isoTime(charge.madeAt) },
    disputableUntil: isoTime(charge.disputableUntil),
    ...(dispute !== undefined && { dispute: disputeView(dispute) }),
    payment: paymentView(charge),
    reductions: charge.reductions.map(({ kind: how, at, amount: less, reason: why, status }) => ({
      ...{ kind: how, at: isoTime(at), amount: less, reason: why, status },
    })),
  };
}

export function deskChargeView(charge: Charge) {
  const { debtor, by, receipts } = charge;
  return {
    ...chargeView(charge),
    ...(debtor.kind === 'person' && { personId: debtor.personId }),
    ...(debtor.kind === 'partner' && { partner: debtor.clientId }),
    ...(receipts !== undefined && {
      receipts: receipts.map(({ receiptId, receivedOn, amount }) => ({ receiptId, receivedOn, amount })),
    }),
    by,
  };
}

function disputeView({ at, text: words, decision }: NonNullable<Charge['dispute']>) {
  return {
    ...{ at: isoTime(at), text: words },
    ...(decision !== undefined && {
      decision: { kind: decision.kind, at: isoTime(decision.at), reason: decision.reason },
    }),
  };
}

function paymentView(charge: Charge) {
  const { payment, debtor } = charge;
  if (debtor.kind === 'partner') return { status: 'on-account', taken: 0, owed: 0 };
  const taken = receivedOf(charge);
  switch (payment.kind) {
    case 'collecting':
      return { status: 'pending', taken, owed: payment.owed };
    case 'owed':
      return { status: 'owed', taken, owed: payment.owed, reason: payment.reason };
    case 'paid':
      return { status: 'paid', taken: taken + payment.collected, owed: 0 };
    case 'void':
      return { status: 'void', taken, owed: 0 };
  }
}
