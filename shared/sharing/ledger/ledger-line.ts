import type { Instant } from '../../kernel/clock.ts';
import { dayIn } from '../setup/local-day.ts';
import type { OperatorId, Payable } from '../sharing-id.ts';
import type { Receivable, ReceivableChange, Supplier } from './receivable.ts';
import type { TaxShare } from './tax-share.ts';

/**
 * One movement in an operator's books: money was billed, came, was given up or given back. It is written once, when that
 * happens; where it waited for its document, once more. Whose money it was is not in it: that is known of what was paid for.
 */
export interface LedgerLine extends LineKey {
  readonly what: Receivable['what'];
  readonly at: Instant;
  /** Minor units, never negative. */
  readonly amount: number;
  readonly currency: string;
  /** Of `billed`: what came at once, and what did not. */
  readonly captured?: number;
  readonly owed?: number;
  readonly shares: readonly TaxShare[];
  readonly onAccountOf?: string;
  readonly partnerPays?: true;
  readonly supplier?: Supplier;
  /** Of `collected`: the bank's reference, where it came by transfer. */
  readonly transfer?: string;
  /** Number of the invoice or credit note; absent where there is none (yet). */
  readonly document?: string;
}

/** It follows from what is told alone: told again, it names the same line. */
export interface LineKey {
  readonly operatorId: OperatorId;
  /** By the clock of the city. */
  readonly day: string;
  readonly kind: LineKind;
  readonly payable: Payable;
  /** Tells several of a kind from each other. */
  readonly part: string;
}

export const lineKinds = ['billed', 'collected', 'forgiven', 'refunded'] as const;
export type LineKind = (typeof lineKinds)[number];

export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export function lineKeyOf(receivable: Receivable, change?: ReceivableChange): LineKey {
  const { operatorId, payable, timeZone, billed } = receivable;
  const { at, kind, id } = change ?? { at: billed.at, kind: 'billed' as const, id: 'bill' };
  return { operatorId, day: dayIn(timeZone, at), kind, payable, part: id };
}

/** Whether an invoice, or a credit note, belongs to it. */
export function wantsDocument({ kind, amount, onAccountOf, partnerPays, supplier }: LedgerLine): boolean {
  if (onAccountOf !== undefined || partnerPays || supplier !== undefined) return false;
  return kind !== 'collected' && amount > 0;
}
