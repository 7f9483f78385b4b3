import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Charge } from './charge.ts';
import { currencyOther } from './ledger-refusals.ts';

/** Money that came for a charge without the payment provider: by bank transfer, as the operator has entered it. */
export interface ChargeReceipt {
  /** The bank's reference, once for each charge. */
  readonly receiptId: string;
  /** `2026-12-04`: the day from which the bank counts it, by the clock of the city. */
  readonly receivedOn: string;
  /** On that day; in whose sums it stands. */
  readonly at: Instant;
  readonly amount: number;
  readonly by: string;
}

/** What came by transfer, of all that was charged. */
export function receivedOf({ receipts = [] }: Pick<Charge, 'receipts'>): number {
  return receipts.reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * Less is owed by it; the same again is the same one. Nothing is being collected meanwhile.
 *
 * @throws Failure `currency-other`, `receipt-contradicts`, `receipt-above-owed`
 */
export function received(charge: Charge, currency: string, receipt: ChargeReceipt): Charge {
  const { payment, receipts = [] } = charge;
  if (currency !== charge.currency) throw currencyOther(charge.currency);
  const known = receipts.find(({ receiptId }) => receiptId === receipt.receiptId);
  if (known !== undefined) {
    if (known.amount !== receipt.amount) throw contradicts('amount', 'over another amount');
    if (known.receivedOn !== receipt.receivedOn) throw contradicts('receivedOn', 'of another day');
    return charge;
  }
  if (payment.kind !== 'owed' || receipt.amount > payment.owed) {
    throw aboveOwed(payment.kind === 'owed' ? payment.owed : 0, charge.currency);
  }
  const owed = payment.owed - receipt.amount;
  return {
    ...charge,
    receipts: [...receipts, receipt],
    payment: owed > 0 ? { ...payment, owed, told: false } : { kind: 'paid', at: receipt.at, collected: 0, told: false },
    version: charge.version + 1,
  };
}

function aboveOwed(owed: number, currency: string): Failure {
  const why = `${owed} (minor units of ${currency}) are owed for this month.`;
  return new Failure('conflict', 'receipt-above-owed', why, {
    resolution: 'Enter no more than that; the rest goes back to the business, or is entered for another month it owes.',
    errors: [{ pointer: '/amount', detail: `is above ${owed}` }],
  });
}

function contradicts(field: 'amount' | 'receivedOn', how: string): Failure {
  return new Failure('unacceptable', 'receipt-contradicts', `There is such a receipt already, ${how}.`, {
    resolution: 'Another payment has another receipt.',
    errors: [{ pointer: `/${field}`, detail: 'is not that of the receipt' }],
  });
}
