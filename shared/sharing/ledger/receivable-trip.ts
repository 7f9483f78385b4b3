import { isTraveller } from '../../partners/traveller-id.ts';
import type { Trip, TripPayment } from '../trips/trip.ts';
import type { Billed, Receivable, ReceivableChange, Supplier } from './receivable.ts';
import { sharesOf } from './tax-share.ts';

/** What a trip tells the ledger; undefined while nothing was billed, or where nothing ever is. */
export function receivableOf(trip: Trip): Receivable | undefined {
  const { bill, payment, terms, course, verdict, reservationId, operatorId, personId, heldAt } = trip;
  const billed = billedBy(payment, bill?.total ?? 0);
  if (bill === undefined || billed === undefined || (trip.state.status === 'settled' && trip.state.waived)) {
    return undefined;
  }
  const rate = bill.vat === undefined ? {} : { rate: bill.vat.rate };
  const from = course?.start.at ?? heldAt;
  const decided = verdict?.kind === 'settle' ? verdict.endedAt : undefined;
  return {
    ...{ payable: reservationId, what: 'trip', operatorId, debtor: { kind: 'person', personId } },
    ...{ timeZone: terms.timeZone, currency: bill.currency, total: bill.total },
    ...(isTraveller(personId) ? { partnerPays: true, billed: { at: billed.at, captured: 0, owed: 0 } } : { billed }),
    supply: { from, to: decided ?? course?.end?.at ?? from },
    lines: bill.lines.map((line) => ({ ...line, ...rate })),
    shares: sharesOf([{ amount: bill.total, ...rate }]),
    changes: changesOf(trip),
    ...(trip.billTo !== undefined && { onAccountOf: trip.billTo }),
    ...(trip.partner !== undefined && { supplier: supplierOf(trip, trip.partner) }),
  };
}

/** As they stand on the bill; by the name of their feed where nobody stands there. */
function supplierOf({ systemId, bill }: Trip, feedId: string): Supplier {
  return { systemId, feedId, name: feedId, ...bill?.issuer };
}

function billedBy(payment: TripPayment, total: number): Billed | undefined {
  switch (payment.kind) {
    case 'open':
    case 'released':
    case 'capturing':
      return undefined;
    case 'captured':
      return { at: payment.at, captured: total, owed: 0 };
    case 'on-account':
      return { at: payment.at, captured: 0, owed: 0 };
    case 'owed':
    case 'collecting':
    case 'paid':
    case 'forgiven':
      return { at: payment.since, captured: payment.captured, owed: total - payment.captured };
  }
}

function changesOf({ payment, refunds }: Trip): readonly ReceivableChange[] {
  const given: ReceivableChange[] = refunds
    .filter(({ status }) => status === 'refunded')
    .map(({ refundId, at, amount, reason }) => ({ kind: 'refunded', id: refundId, at, amount, reason }));
  return [...paidOf(payment), ...given].toSorted(inTime);
}

function paidOf(payment: TripPayment): readonly ReceivableChange[] {
  if (payment.kind === 'paid') {
    return [{ kind: 'collected', id: 'debt', at: payment.at, amount: payment.collected }];
  }
  if (payment.kind !== 'forgiven') return [];
  const { at, forgiven: amount, reason } = payment;
  return [{ kind: 'forgiven', id: 'debt', at, amount, reason }];
}

/** What happened at the same instant stays in the order in which it was put down: that never changes. */
export function inTime(one: ReceivableChange, other: ReceivableChange): number {
  return one.at - other.at;
}
