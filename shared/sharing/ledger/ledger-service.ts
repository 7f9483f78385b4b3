import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { dayIn } from '../setup/local-day.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { Trip } from '../trips/trip.ts';
import type { BusinessRepository } from './business-repository.ts';
import type { LedgerDocument } from './document.ts';
import type { Recipient } from './issuer.ts';
import { type LedgerLine, lineKeyOf, monthOf, wantsDocument } from './ledger-line.ts';
import type { LedgerBook, RecipientBook } from './ledger-repository.ts';
import { yearOf } from './number-range.ts';
import { openMonthFrom } from './open-month.ts';
import { type Issuing, lacking, lineOf, postingOf } from './posting.ts';
import type { Receivable, ReceivableChange } from './receivable.ts';
import { receivableOf } from './receivable-trip.ts';

export interface LedgerPorts {
  readonly book: LedgerBook;
  readonly recipients: Pick<RecipientBook, 'recipient'>;
  readonly businesses: Pick<BusinessRepository, 'business' | 'member' | 'month'>;
  readonly setup: Pick<SharingSetup, 'operator'>;
  readonly clock: Clock;
}

/** What came of telling the ledger something. */
export interface Kept {
  readonly lines: readonly LedgerLine[];
  /** Why the invoice waits. */
  readonly lacks?: 'invoicing' | 'recipient';
}

/** So many others may take a number at the same moment. */
const rounds = 24;

/** Puts down what is told of money, and issues the documents that belong to it. May be told the same whenever and however often. */
export class LedgerService {
  readonly #ports: LedgerPorts;

  constructor(ports: LedgerPorts) {
    this.#ports = ports;
  }

  /** Nothing where nothing was billed. */
  async tripSettled(trip: Trip): Promise<Kept | undefined> {
    const receivable = receivableOf(trip);
    return receivable === undefined ? undefined : this.keep(receivable);
  }

  /** In its order: a credit note refers to its invoice. */
  async keep(receivable: Receivable): Promise<Kept> {
    const bill = await this.#kept(receivable);
    const lines = [bill];
    const told = asBilled(receivable, bill);
    for (const change of receivable.changes) lines.push(await this.#kept(told, change, bill));
    if (bill.document !== undefined || !wantsDocument(bill)) return { lines };
    const lacks = lacking(receivable, await this.#invoicing(receivable), await this.#recipient(receivable));
    return lacks === undefined ? { lines } : { lines, lacks };
  }

  #kept(receivable: Receivable, change?: ReceivableChange, bill?: LedgerLine): Promise<LedgerLine> {
    const { book } = this.#ports;
    return untilSaved(async () => {
      const seen = await book.line(lineKeyOf(receivable, change));
      if (seen !== undefined && (seen.document !== undefined || !wantsDocument(seen))) return seen;
      const isWanted = wantsDocument(seen ?? lineOf(receivable, change));
      const issuing = isWanted ? await this.#issuing(receivable, change, bill) : undefined;
      if (seen !== undefined && issuing === undefined) return seen;
      const account = change?.kind === 'collected' ? undefined : await this.#account(receivable, change);
      const posting = postingOf(receivable, change, seen, issuing, account);
      return (await book.post(posting)) ? posting.line : undefined;
    }, rounds);
  }

  async #issuing(
    receivable: Receivable,
    change: ReceivableChange | undefined,
    bill: LedgerLine | undefined,
  ): Promise<Issuing | undefined> {
    const { book, clock } = this.#ports;
    const { operatorId, timeZone } = receivable;
    const [invoicing, recipient] = [await this.#invoicing(receivable), await this.#recipient(receivable)];
    if (invoicing === undefined) return undefined;
    const invoice = change === undefined ? undefined : await this.#invoice(receivable, bill);
    // What has no invoice yet has nothing that could be corrected.
    const mayIssue = change === undefined ? lacking(receivable, invoicing, recipient) === undefined : invoice;
    if (!mayIssue) return undefined;
    const now = clock.now();
    const range = await book.range(operatorId, yearOf(dayIn(timeZone, now)));
    return {
      ...{ invoicing, range, now },
      ...(recipient !== undefined && { recipient }),
      ...(invoice !== undefined && { invoice }),
    };
  }

  async #invoice({ operatorId }: Receivable, bill: LedgerLine | undefined): Promise<LedgerDocument | undefined> {
    return bill?.document === undefined ? undefined : this.#ports.book.document(operatorId, bill.document);
  }

  async #invoicing({ operatorId }: Receivable) {
    return (await this.#ports.setup.operator(operatorId))?.invoicing;
  }

  async #recipient({ operatorId, debtor }: Receivable): Promise<Recipient | undefined> {
    const { recipients, businesses } = this.#ports;
    switch (debtor.kind) {
      case 'person':
        return recipients.recipient(operatorId, debtor.personId);
      case 'business':
        return (await businesses.business(operatorId, debtor.businessId))?.recipient;
      case 'partner':
        return undefined;
    }
  }

  /** The month of the business that it will be asked for in: its own, or the first one after that was not closed. */
  async #account(receivable: Receivable, change: ReceivableChange | undefined) {
    const { operatorId, onAccountOf, debtor } = receivable;
    if (onAccountOf === undefined || debtor.kind !== 'person') return undefined;
    const { businesses } = this.#ports;
    const member = await businesses.member(operatorId, onAccountOf, debtor.personId);
    const own = monthOf(lineKeyOf(receivable, change).day);
    const { month } = await openMonthFrom(businesses, operatorId, onAccountOf, own);
    return {
      month,
      ...(member !== undefined && { member: member.memberId }),
      ...(member?.costCentre !== undefined && { costCentre: member.costCentre }),
    };
  }
}

/** What became of it goes the way of its bill: whoever was erased meanwhile is nobody's customer any more. */
function asBilled({ partnerPays: _, ...receivable }: Receivable, { partnerPays }: LedgerLine): Receivable {
  return partnerPays ? { ...receivable, partnerPays } : receivable;
}
