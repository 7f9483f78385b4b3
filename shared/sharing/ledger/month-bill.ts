import type { Instant } from '../../kernel/clock.ts';
import type { OpenDebt } from '../payments/payments.ts';
import { added, type Sums, sumOf, sumsOfLine, taxesOf } from './day-sums.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { TaxShare } from './tax-share.ts';

/**
 * All that a person was charged by one operator within a month, paid and was given back: the operator's own vehicles,
 * partners', charges. It is read from the lines of the operator's books, and adds up as those do. It has no number: invoices
 * are those that it names.
 */
export interface MonthBill {
  /** `2026-11`; a line belongs to it by the clock of the city. */
  readonly month: string;
  readonly provider: BillParty;
  /** By day. */
  readonly entries: readonly BillEntry[];
  readonly totals: readonly BillTotals[];
}

export interface BillParty {
  readonly name: string;
  readonly taxId?: string;
}

export interface BillEntry {
  readonly line: LedgerLine;
  /** Who rendered the service. */
  readonly supplier: BillParty;
  readonly invoice: BillInvoice;
  readonly about?: BillSubject;
}

/** Whose document there is for it. */
export type BillInvoice =
  /** The operator's invoice, or credit note; without a number while it waits for something. */
  | { readonly by: 'operator'; readonly number?: string }
  | { readonly by: 'partner' }
  /** It is in the invoice of the month that the business gets. */
  | { readonly by: 'business' }
  /** Paid what was invoiced before; or it cost nothing. */
  | { readonly by: 'none' };

export type BillSubject =
  | {
      readonly kind: 'trip';
      readonly systemId: string;
      readonly vehicleTypeId: string;
      readonly startedAt?: Instant;
      readonly endedAt?: Instant;
    }
  | { readonly kind: 'charge'; readonly chargeKind: string; readonly reason: string };

/** In one currency, minor units. */
export interface BillTotals {
  readonly currency: string;
  readonly billed: number;
  /** Of `billed`: what partners' invoices say, and what businesses pay. */
  readonly partners: number;
  readonly onAccount: number;
  readonly taken: number;
  readonly givenBack: number;
  readonly forgiven: number;
  /** So much more is owed at the end of the month than at its beginning; below zero: less. */
  readonly owedMore: number;
  /** By now, in all. */
  readonly owedNow: number;
  /** What the operator's own invoices and credit notes of the month say. */
  readonly invoiced: readonly TaxShare[];
  readonly credited: readonly TaxShare[];
}

export function invoiceOf({ kind, amount, supplier, onAccountOf, document }: LedgerLine): BillInvoice {
  if (kind === 'collected' || amount === 0) return { by: 'none' };
  if (onAccountOf !== undefined) return { by: 'business' };
  if (supplier !== undefined) return { by: 'partner' };
  return document === undefined ? { by: 'operator' } : { by: 'operator', number: document };
}

/** @param debts what the person owes by now */
export function billTotals(lines: readonly LedgerLine[], debts: readonly OpenDebt[]): readonly BillTotals[] {
  const currencies = new Set([...lines, ...debts].map(({ currency }) => currency));
  return [...currencies].toSorted().map((currency) => {
    const own = lines.filter((line) => line.currency === currency);
    const sums = own.reduce<Sums>((sum, line) => added(sum, sumsOfLine(line)), {});
    const of = (column: Parameters<typeof sumOf>[1]) => sumOf(sums, column);
    const ofPartners = own.filter(({ kind, supplier }) => kind === 'billed' && supplier !== undefined);
    return {
      ...{ currency, billed: of('billed'), onAccount: of('onAccount'), forgiven: of('forgiven') },
      partners: ofPartners.reduce((sum, { amount }) => sum + amount, 0),
      taken: of('captured') + of('collected'),
      // Of what a business pays nothing comes back to whoever drove.
      givenBack: of('refunded') - of('onAccountCredited'),
      owedMore: of('owed') - of('collected') - of('forgiven'),
      owedNow: debts.reduce((sum, debt) => (debt.currency === currency ? sum + debt.amount : sum), 0),
      ...{ invoiced: taxesOf(sums, 'invoiced'), credited: taxesOf(sums, 'credited') },
    };
  });
}
