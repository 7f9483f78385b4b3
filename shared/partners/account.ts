import type { Instant } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { ChargeKind } from '../sharing/ledger/charge.ts';
import type { ChargeId, OperatorId, ReservationId } from '../sharing/sharing-id.ts';

/** Who pays whom, in which currency. */
export interface AccountName {
  readonly operatorId: OperatorId;
  readonly clientId: string;
  /** ISO 4217 */
  readonly currency: string;
}

/** What a partner owes an operator for its customers' uses. Minor units. */
export interface PartnerAccount extends AccountName {
  /** Set aside for uses that are not charged yet. */
  readonly aside: Readonly<Record<ReservationId, number>>;
  /** Taken, less what was given back and what was paid. */
  readonly owed: number;
  readonly version: number;
}

/** A line of the journal; it never changes. `(reservationId, kind, id)` names it: entered again it is the same. */
export interface JournalEntry {
  readonly reservationId: ReservationId;
  /** `fare`: a trip's bill; `charge`: asked for beside it; `refund`: given back of either, negative. */
  readonly kind: 'fare' | 'charge' | 'refund';
  /** Of the refund, or of the charge; empty for a fare. */
  readonly id: string;
  readonly at: Instant;
  readonly amount: number;
  /** Of a charge, and of what is given back of one. */
  readonly charge?: JournalCharge;
}

export interface JournalCharge {
  readonly chargeId: ChargeId;
  readonly kind: ChargeKind;
  /** Names nobody. */
  readonly reason: string;
}

/** The partner has paid the operator. */
export interface PartnerReceipt {
  /** The operator's own, unique within the account. */
  readonly receiptId: string;
  readonly at: Instant;
  readonly amount: number;
  /** The operator's own words for it: what stood on the transfer. */
  readonly reference?: string;
}

/** Of one calendar month, UTC: `2026-11`. */
export interface MonthTotal {
  readonly month: string;
  /** Of fares, charges and refunds: what the trips cost. */
  readonly charged: number;
  readonly entries: number;
}

export interface AccountBooks {
  load(name: AccountName): Promise<PartnerAccount | undefined>;
  /** False where it is not as it was seen. */
  save(account: PartnerAccount, seen: number | undefined): Promise<boolean>;
  /** With the account as it is then, and the month it falls into: all of it once. False where it is not as it was seen. */
  enter(entry: JournalEntry, account: PartnerAccount, seen: number | undefined): Promise<boolean>;
  isEntered(name: AccountName, entry: JournalEntry): Promise<boolean>;
  /** In the order of time, from `from` until before `to`. */
  entries(
    name: AccountName,
    span: { readonly from: Instant; readonly to: Instant },
    page: PageRequest,
  ): Promise<Page<JournalEntry>>;
  /** Those of one use that name a charge, in the order of time. */
  chargesOf(name: AccountName, reservationId: ReservationId): Promise<readonly JournalEntry[]>;
  month(name: AccountName, month: string): Promise<MonthTotal>;
  receipt(name: AccountName, receiptId: string): Promise<PartnerReceipt | undefined>;
  /** With the account as it is then. */
  receive(receipt: PartnerReceipt, account: PartnerAccount, seen: number): Promise<boolean>;
}

export function monthOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** The instants of a month, UTC. @param month `2026-11` */
export function spanOf(month: string): { readonly from: Instant; readonly to: Instant } {
  const from = new Date(`${month}-01T00:00:00Z`);
  return { from: from.getTime(), to: Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1) };
}

/** Undefined where more would be open than the operator lets: nothing is set aside then. */
export function setAside(
  account: PartnerAccount,
  reservationId: ReservationId,
  amount: number,
  limit: number,
): PartnerAccount | undefined {
  const { [reservationId]: _, ...others } = account.aside;
  const open = Object.values(others).reduce((sum, one) => sum + one, account.owed);
  if (open + amount > limit) return undefined;
  return { ...account, aside: { ...others, [reservationId]: amount }, version: account.version + 1 };
}

/** Nothing is set aside for it any more. */
export function freed(account: PartnerAccount, reservationId: ReservationId): PartnerAccount {
  const { [reservationId]: _, ...aside } = account.aside;
  return { ...account, aside, version: account.version + 1 };
}

function entered(account: PartnerAccount, { reservationId, kind, amount }: JournalEntry): PartnerAccount {
  const next = kind === 'fare' ? freed(account, reservationId) : { ...account, version: account.version + 1 };
  return { ...next, owed: account.owed + amount };
}

/** Once, whoever enters it at the same time. */
export async function enterOnce(accounts: AccountBooks, name: AccountName, entry: JournalEntry): Promise<void> {
  await untilSaved(async () => {
    const seen = await accounts.load(name);
    if (await accounts.isEntered(name, entry)) return true;
    return (await accounts.enter(entry, entered(seen ?? opened(name), entry), seen?.version)) || undefined;
  });
}

export function opened(
  name: AccountName,
): { readonly owed: 0; readonly aside: Record<string, never>; readonly version: 0 } & AccountName {
  return { ...name, aside: {}, owed: 0, version: 0 };
}

export function paid(account: PartnerAccount, { amount }: PartnerReceipt): PartnerAccount {
  return { ...account, owed: account.owed - amount, version: account.version + 1 };
}
