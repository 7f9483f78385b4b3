import type { Caller } from '../access/caller.ts';
import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { PaymentBooks } from '../sharing/payments/sandbox-payments.ts';
import type { OperatorId, SystemId } from '../sharing/sharing-id.ts';
import {
  type AccountBooks,
  type AccountName,
  type JournalEntry,
  type MonthTotal,
  type PartnerAccount,
  type PartnerReceipt,
  paid,
  spanOf,
} from './account.ts';
import { fareIn, refundsIn } from './book-entries.ts';
import type { PartnerPackage } from './package.ts';
import type { PartnerDoor } from './partner-door.ts';

export interface JournalPorts {
  readonly door: PartnerDoor;
  readonly accounts: AccountBooks;
  readonly books: Pick<PaymentBooks, 'load'>;
}

export interface Journal {
  readonly name: AccountName;
  readonly page: Page<JournalEntry>;
  /** Where one month was asked for: of all of it, whichever page this is. */
  readonly total?: MonthTotal;
}

export type Span = { readonly month: string } | { readonly from: Instant; readonly to: Instant };

/** What partners owe, entry by entry: what their customers' trips cost, what they were charged beside them, and nothing else. */
export class JournalService {
  readonly #ports: JournalPorts;

  constructor(ports: JournalPorts) {
    this.#ports = ports;
  }

  /** Of the partner's account with the operator of this city, in its currency. */
  async list(caller: Caller, systemId: SystemId, span: Span, page: PageRequest): Promise<Journal> {
    const { system } = await this.#ports.door.enter(caller, systemId);
    const { operatorId, currency } = system;
    return this.of({ operatorId, clientId: caller.clientId, currency }, span, page);
  }

  async of(name: AccountName, span: Span, page: PageRequest): Promise<Journal> {
    if ('month' in span) return this.month(name, span.month, page);
    if (span.from >= span.to) throw emptyRange();
    return { name, page: await this.#ports.accounts.entries(name, span, page) };
  }

  async month(name: AccountName, month: string, page: PageRequest): Promise<Required<Journal>> {
    const { accounts } = this.#ports;
    const [entries, total] = await Promise.all([
      accounts.entries(name, spanOf(month), page),
      accounts.month(name, month),
    ]);
    return { name, page: entries, total };
  }

  /** Of one package: by the book of its use, which the journal follows, and what it was charged beside. */
  async ofPackage(pack: PartnerPackage): Promise<readonly JournalEntry[]> {
    const { accounts, books } = this.#ports;
    const { reservationId } = pack;
    const [book, charges] = await Promise.all([books.load(reservationId), accounts.chargesOf(pack, reservationId)]);
    if (book === undefined) return charges;
    const fare = fareIn(reservationId, book);
    return [...(fare === undefined ? [] : [fare]), ...refundsIn(reservationId, book), ...charges];
  }

  account(name: AccountName): Promise<PartnerAccount | undefined> {
    return this.#ports.accounts.load(name);
  }

  /** The partner has paid: once for each receipt. @throws Failure `receipt-contradicts`, `receipt-above-owed` */
  async receive(name: AccountName, receipt: PartnerReceipt): Promise<PartnerAccount> {
    const { accounts } = this.#ports;
    return untilSaved(async () => {
      const seen = await accounts.load(name);
      if (seen === undefined) throw accountNotFound(name.operatorId);
      const known = await accounts.receipt(name, receipt.receiptId);
      if (known !== undefined) {
        if (known.amount !== receipt.amount) throw receiptContradicts();
        return seen;
      }
      if (receipt.amount > seen.owed) throw receiptAboveOwed(seen);
      const next = paid(seen, receipt);
      return (await accounts.receive(receipt, next, seen.version)) ? next : undefined;
    });
  }
}

function emptyRange(): Failure {
  return new Failure('invalid', 'empty-range', 'The range of time is empty.', {
    errors: [{ pointer: 'startTime', detail: 'is not before `endTime`' }],
  });
}

export function accountNotFound(operatorId: OperatorId): Failure {
  return new Failure('not-found', 'partner-account-not-found', `The partner owes ${operatorId} nothing.`, {
    resolution: 'An account is opened by the first package that is confirmed.',
  });
}

function receiptAboveOwed({ owed, currency }: PartnerAccount): Failure {
  const most = Math.max(0, owed);
  return new Failure('conflict', 'receipt-above-owed', `${most} (minor units of ${currency}) are owed.`, {
    resolution:
      'Enter no more than that; what was paid beyond it goes back to the partner, or waits for its next trips.',
    errors: [{ pointer: '/amount', detail: `is above ${most}` }],
  });
}

function receiptContradicts(): Failure {
  return new Failure('unacceptable', 'receipt-contradicts', 'There is such a receipt already, over another amount.', {
    resolution: 'Another payment has another receipt.',
    errors: [{ pointer: '/amount', detail: 'is not that of the receipt' }],
  });
}
