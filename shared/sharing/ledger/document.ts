import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId, Payable } from '../sharing-id.ts';
import type { Invoicing, Recipient } from './issuer.ts';
import type { TakenNumber } from './number-range.ts';
import type { Debtor, DocumentLine } from './receivable.ts';
import type { TaxShare } from './tax-share.ts';

/** An invoice, or what takes part of one back. What was issued never changes; minor units. */
export interface LedgerDocument extends TakenNumber {
  readonly kind: 'invoice' | 'credit-note';
  /** `simplified`: without a recipient, up to an amount (Directive 2006/112/EC, Article 226b; § 33 UStDV). */
  readonly form: 'simplified' | 'full';
  readonly operatorId: OperatorId;
  readonly payable: Payable;
  readonly what: 'trip' | 'charge' | 'business-month';
  /** Whose list it stands in; nobody's once they were erased. */
  readonly debtor?: Debtor;
  readonly issuer: Omit<Invoicing, 'numberPrefix'>;
  readonly recipient?: Recipient;
  readonly issuedAt: Instant;
  /** By the clock of the city. */
  readonly issuedOn: string;
  readonly supplyFrom: string;
  readonly supplyTo: string;
  readonly lines: readonly DocumentLine[];
  readonly shares: readonly TaxShare[];
  readonly currency: string;
  /** Of a credit note: the invoice. */
  readonly refersTo?: { readonly number: string; readonly issuedOn: string };
  /** Of a credit note. */
  readonly reason?: string;
}

/**
 * Up to this amount, tax included, an invoice need not say to whom. EUR: § 33 UStDV (Directive 2006/112/EC, Article 238
 * allows up to 400); GBP: VAT Regulations 1995, reg. 16; CHF: MWSTV, Art. 57. Elsewhere every invoice is a full one.
 */
const simplifiedUpTo: Readonly<Record<string, number>> = { EUR: 25_000, GBP: 25_000, CHF: 40_000 };

export function needsRecipient(total: number, currency: string): boolean {
  return total > (simplifiedUpTo[currency] ?? 0);
}

/** Until the end of the tenth year after the one in which it was issued (§ 147 AO for books; eight would do for invoices). */
export function keptUntil(year: number): Instant {
  return Date.UTC(year + 11, 0, 1);
}
