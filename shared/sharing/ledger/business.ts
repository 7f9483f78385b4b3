import type { Instant } from '../../kernel/clock.ts';
import type { OpenDebt } from '../payments/payments.ts';
import type { ChargeId, OperatorId, Payable, SystemId } from '../sharing-id.ts';
import { added, type Sums } from './day-sums.ts';
import type { Recipient } from './issuer.ts';
import type { LineKind } from './ledger-line.ts';
import type { DocumentLine } from './receivable.ts';
import type { TaxShare } from './tax-share.ts';

/** Somebody who pays for what others drive, once a month. */
export interface Business {
  readonly operatorId: OperatorId;
  readonly businessId: string;
  readonly recipient: Recipient;
  /** Whose months, currency and tax its invoices go by. */
  readonly systemId: SystemId;
  readonly costCentres: readonly string[];
  readonly paymentMethod?: string;
  /** What it owes; any bars new trips at its cost. */
  readonly debts: readonly OpenDebt[];
  readonly version: number;
}

/** A person that a business pays for. */
export interface Member {
  readonly operatorId: OperatorId;
  readonly businessId: string;
  readonly personId: string;
  /** By which the business's list names them, so that it names nobody once they are erased. */
  readonly memberId: string;
  readonly status: 'invited' | 'accepted' | 'left';
  readonly costCentre?: string;
  /** Sees what the business is asked to pay, and invites. */
  readonly isAdmin: boolean;
  readonly since: Instant;
  readonly version: number;
}

/** Whoever brings its code becomes a member. Kept as a hash alone. */
export interface Invitation {
  readonly operatorId: OperatorId;
  readonly businessId: string;
  readonly codeHash: string;
  readonly costCentre?: string;
  readonly isAdmin: boolean;
  readonly expiresAt: Instant;
}

/** What a business's members used within a month, and what became of it. */
export interface BusinessMonth {
  readonly operatorId: OperatorId;
  readonly businessId: string;
  /** `2026-11` */
  readonly month: string;
  /** What was billed less what was given back, minor units, by `<cost centre or -> <rate or none>`. */
  readonly sums: Sums;
  /** What former months owed the business, which could not be invoiced; in the same columns. */
  readonly carried?: Sums;
  /** Lines of it, and months that were carried into it; rises with each. */
  readonly entries: number;
  /** Nothing is added any more. */
  readonly closed?: MonthClosing;
}

/** Its charge, or the month whose invoice takes off what this one owed the business. */
export type MonthClosing = { readonly chargeId: ChargeId } | { readonly carriedTo: string };

/** One use on the account of a business, without whose it was and where. */
export interface AccountEntry {
  readonly month: string;
  readonly day: string;
  readonly payable: Payable;
  readonly part: string;
  /** `memberId` of whose use it was. */
  readonly member?: string;
  readonly costCentre?: string;
  readonly kind: LineKind;
  readonly gross: number;
  readonly currency: string;
}

const withoutCentre = '-';
const untaxed = 'none';

function accountColumn(costCentre: string | undefined, rate: number | undefined): string {
  return `${costCentre ?? withoutCentre} ${rate ?? untaxed}`;
}

/** What a line adds to the month of whoever pays for it. */
export function accountAdds({ gross, costCentre }: AccountEntry, shares: readonly TaxShare[]): Sums {
  const sign = gross < 0 ? -1 : 1;
  return Object.fromEntries(shares.map(({ rate, gross: part }) => [accountColumn(costCentre, rate), sign * part]));
}

/** What stands in the invoice of the month: a line for each cost centre and rate, and one for what was carried into it. */
export function monthLines({ sums, carried = {} }: BusinessMonth): readonly DocumentLine[] {
  return [...linesOf('trips', sums), ...linesOf('carried', carried)];
}

function linesOf(item: 'trips' | 'carried', sums: Sums): readonly DocumentLine[] {
  return Object.entries(sums)
    .filter(([, amount]) => amount !== 0)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([column, amount]) => {
      const [centre = withoutCentre, rate = untaxed] = column.split(' ');
      return {
        ...{ item, quantity: 1, price: amount, amount },
        ...(rate !== untaxed && { rate: Number(rate) }),
        ...(centre !== withoutCentre && { costCentre: centre }),
      };
    });
}

/** What the business is to pay for it; below zero: what it is owed. */
export function monthGross(month: BusinessMonth): number {
  return monthLines(month).reduce((sum, { amount }) => sum + amount, 0);
}

/** It is open, and came to something that no invoice can ask for: nothing in all, or less. */
export function isToBeCarried(month: BusinessMonth): boolean {
  return month.closed === undefined && monthLines(month).length > 0 && monthGross(month) <= 0;
}

/** What stands in `into` once `from` is carried into it: the columns stay, and with them the tax. */
export function carriedInto(into: BusinessMonth, from: BusinessMonth): Sums {
  return added(into.carried ?? {}, added(from.carried ?? {}, from.sums));
}

export function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}
