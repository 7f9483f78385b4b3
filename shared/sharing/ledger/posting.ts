import { isPersonId } from '../../access/person.ts';
import type { Instant } from '../../kernel/clock.ts';
import { dayIn } from '../setup/local-day.ts';
import { type AccountEntry, accountAdds } from './business.ts';
import { sumsOfLateDocument, sumsOfLine } from './day-sums.ts';
import { type LedgerDocument, needsRecipient } from './document.ts';
import type { Invoicing, Recipient } from './issuer.ts';
import { type LedgerLine, lineKeyOf } from './ledger-line.ts';
import type { AccountPosting, Posting } from './ledger-repository.ts';
import { type NumberRange, nextNumber } from './number-range.ts';
import type { Receivable, ReceivableChange } from './receivable.ts';
import { apportioned } from './tax-share.ts';

/** What stands behind a document: who issues it, to whom, and which number is next. */
export interface Issuing {
  readonly invoicing: Invoicing;
  readonly recipient?: Recipient;
  readonly range: NumberRange;
  readonly now: Instant;
  /** Of a credit note: the invoice that it takes part of back. */
  readonly invoice?: LedgerDocument;
}

/** The line of a receivable's bill, or of something that became of it; without a document. */
export function lineOf(receivable: Receivable, change?: ReceivableChange): LedgerLine {
  const { what, currency, total, billed, shares, onAccountOf, partnerPays, supplier } = receivable;
  const common = {
    ...{ ...lineKeyOf(receivable, change), what, currency },
    ...(onAccountOf !== undefined && { onAccountOf }),
    ...(partnerPays && { partnerPays }),
    ...(supplier !== undefined && { supplier }),
  };
  if (change === undefined) {
    const { at, captured, owed } = billed;
    return { ...common, at, amount: total, captured, owed, shares };
  }
  const { at, amount } = change;
  if (change.kind === 'collected') {
    const { transfer } = change;
    return { ...common, at, amount, shares: [], ...(transfer !== undefined && { transfer }) };
  }
  return { ...common, at, amount, shares: apportioned(shares, creditedBefore(receivable, change), amount) };
}

/** What was forgiven or given back of it before. */
function creditedBefore({ changes }: Receivable, change: ReceivableChange): number {
  const before = changes.slice(0, changes.indexOf(change)).filter(({ kind }) => kind !== 'collected');
  return before.reduce((sum, { amount }) => sum + amount, 0);
}

/** @param issuing absent where the line has no document, or has to wait for it */
export function postingOf(
  receivable: Receivable,
  change: ReceivableChange | undefined,
  seen: LedgerLine | undefined,
  issuing: Issuing | undefined,
  account?: Pick<AccountEntry, 'month' | 'costCentre' | 'member'>,
): Posting {
  const bare = seen ?? lineOf(receivable, change);
  const document = issuing === undefined ? undefined : documentOf(receivable, change, bare, issuing);
  const line = document === undefined ? bare : { ...bare, document: document.number };
  return {
    ...{ line, seen: seen === undefined ? 'none' : 'undocumented' },
    ...(document !== undefined && issuing !== undefined && { issued: { document, range: issuing.range } }),
    adds: seen === undefined ? sumsOfLine(line) : sumsOfLateDocument(line),
    ...(seen === undefined && listedFor(receivable)),
    ...(account !== undefined && seen === undefined && { onAccount: onAccount(line, account) }),
  };
}

/** Whoever signs in finds it in their bill of the month; partners' customers and who was erased have none. */
function listedFor({ debtor, partnerPays }: Receivable): Pick<Posting, 'listedFor'> {
  const isListed = debtor.kind === 'person' && !partnerPays && isPersonId(debtor.personId);
  return isListed ? { listedFor: debtor.personId } : {};
}

function onAccount(line: LedgerLine, account: Pick<AccountEntry, 'month' | 'costCentre' | 'member'>): AccountPosting {
  const { day, payable, kind, amount, currency, shares, onAccountOf = '' } = line;
  const gross = kind === 'billed' ? amount : -amount;
  const entry = { ...account, day, payable, kind, gross, currency, part: line.part };
  return { businessId: onAccountOf, entry, adds: accountAdds(entry, shares) };
}

function documentOf(
  receivable: Receivable,
  change: ReceivableChange | undefined,
  { shares, currency, what }: LedgerLine,
  { invoicing: { numberPrefix, ...issuer }, range, now, invoice, recipient }: Issuing,
): LedgerDocument {
  const { operatorId, payable, debtor, timeZone, supply, lines } = receivable;
  const to = invoice?.recipient ?? recipient;
  return {
    ...nextNumber(range, numberPrefix),
    ...{ kind: invoice === undefined ? 'invoice' : 'credit-note', form: to === undefined ? 'simplified' : 'full' },
    ...{ operatorId, payable, what, debtor, issuer, ...(to !== undefined && { recipient: to }) },
    ...{ issuedAt: now, issuedOn: dayIn(timeZone, now) },
    ...{ supplyFrom: dayIn(timeZone, supply.from), supplyTo: dayIn(timeZone, supply.to) },
    lines: invoice === undefined ? lines : creditLines(change, shares),
    ...{ shares, currency },
    ...(invoice !== undefined && { refersTo: { number: invoice.number, issuedOn: invoice.issuedOn } }),
    ...(change !== undefined && change.kind !== 'collected' && { reason: change.reason }),
  };
}

function creditLines(change: ReceivableChange | undefined, shares: LedgerLine['shares']) {
  const item = change?.kind === 'forgiven' ? 'forgiveness' : 'refund';
  return shares.map(({ rate, gross }) => ({
    ...{ item, quantity: 1, price: gross, amount: gross },
    ...(rate !== undefined && { rate }),
  }));
}

/** What an invoice of this receivable still lacks. */
export function lacking(
  { total, currency, debtor }: Receivable,
  invoicing: Invoicing | undefined,
  to: Recipient | undefined,
): 'invoicing' | 'recipient' | undefined {
  if (invoicing === undefined) return 'invoicing';
  const mustSay = debtor.kind === 'business' || needsRecipient(total, currency);
  return mustSay && to === undefined ? 'recipient' : undefined;
}
