import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId, Payable, SystemId } from '../sharing-id.ts';
import type { TaxShare } from './tax-share.ts';

/** Who has to pay. */
export type Debtor =
  | { readonly kind: 'person'; readonly personId: string }
  | { readonly kind: 'business'; readonly businessId: string }
  /** Who has booked the use for a customer of theirs: it is asked for in their journal. */
  | { readonly kind: 'partner'; readonly clientId: string };

/** One line of a document; `amount` is `quantity` times `price`, tax included, minor units. */
export interface DocumentLine {
  /** What it is: an item of a bill, or the kind of a charge. */
  readonly item: string;
  readonly quantity: number;
  readonly price: number;
  readonly amount: number;
  /** Hundredths of a percent; absent: no tax. */
  readonly rate?: number;
  /** Of a business. */
  readonly costCentre?: string;
}

/**
 * What somebody was billed, and what became of it, told by whoever settles it: of a trip, of a charge, of a business's
 * month. It only ever grows, so that whoever tells it again tells the same and perhaps more.
 */
export interface Receivable {
  readonly payable: Payable;
  readonly what: 'trip' | 'charge' | 'business-month';
  readonly operatorId: OperatorId;
  readonly debtor: Debtor;
  /** IANA. By its clock days and months are told. */
  readonly timeZone: string;
  readonly currency: string;
  /** When the service was rendered. */
  readonly supply: { readonly from: Instant; readonly to: Instant };
  readonly lines: readonly DocumentLine[];
  readonly shares: readonly TaxShare[];
  readonly total: number;
  readonly billed: Billed;
  /** In their order. */
  readonly changes: readonly ReceivableChange[];
  /** A business pays for it at the end of the month. */
  readonly onAccountOf?: string;
  /** A partner has booked it for its customer: what it cost stands in the partner's journal. */
  readonly partnerPays?: true;
  readonly supplier?: Supplier;
}

/** Who rendered the service, where it was not the operator but a partner: their invoice it is, and their tax. */
export interface Supplier {
  /** With `feedId`: by which the operator knows them. */
  readonly systemId: SystemId;
  readonly feedId: string;
  /** As it stood on their bill. */
  readonly name: string;
  readonly taxId?: string;
}

/** `captured` and `owed` together are the total, unless it is on somebody's account. */
export interface Billed {
  readonly at: Instant;
  readonly captured: number;
  readonly owed: number;
}

export type ReceivableChange =
  /** What was owed, or part of it, was paid. */
  | {
      readonly kind: 'collected';
      readonly id: string;
      readonly at: Instant;
      readonly amount: number;
      /** The bank's reference, where it came by transfer. */
      readonly transfer?: string;
    }
  /** Is owed no more. */
  | {
      readonly kind: 'forgiven';
      readonly id: string;
      readonly at: Instant;
      readonly amount: number;
      readonly reason: string;
    }
  /** What was taken was given back. */
  | {
      readonly kind: 'refunded';
      readonly id: string;
      readonly at: Instant;
      readonly amount: number;
      readonly reason: string;
    };
