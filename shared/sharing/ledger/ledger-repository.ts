import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { OperatorId } from '../sharing-id.ts';
import type { AccountEntry } from './business.ts';
import type { Sums } from './day-sums.ts';
import type { LedgerDocument } from './document.ts';
import type { Recipient } from './issuer.ts';
import type { LedgerLine, LineKey } from './ledger-line.ts';
import type { NumberRange } from './number-range.ts';

/** All of it is written at once, or nothing. */
export interface Posting {
  readonly line: LedgerLine;
  /** `none`: there must be no such line; `undocumented`: there must be one without a document. */
  readonly seen: 'none' | 'undocumented';
  /** Takes the number after `range.last`, which must be the last one still. */
  readonly issued?: { readonly document: LedgerDocument; readonly range: NumberRange };
  /** Added to the sums of the line's day and currency. */
  readonly adds: Sums;
  /** For the list that a business is sent at the end of its month; its month must be open. */
  readonly onAccount?: AccountPosting;
  /** The person in whose list of the month it stands from then on. */
  readonly listedFor?: string;
}

/** A use that a business pays for. Where and by whom it was is not in it. */
export interface AccountPosting {
  readonly businessId: string;
  readonly entry: AccountEntry;
  /** Added to the sums of the entry's month. */
  readonly adds: Sums;
}

/** An operator's books. */
export interface LedgerBook {
  line(key: LineKey): Promise<LedgerLine | undefined>;
  range(operatorId: OperatorId, year: number): Promise<NumberRange>;
  /** False where something is not as it was seen: look again. */
  post(posting: Posting): Promise<boolean>;
  document(operatorId: OperatorId, number: string): Promise<LedgerDocument | undefined>;
  /** The newest first. */
  documentsOf(operatorId: OperatorId, personId: string, page: PageRequest): Promise<Page<LedgerDocument>>;
  /** Of one month, by day. */
  lines(operatorId: OperatorId, month: string, page: PageRequest): Promise<Page<LedgerLine>>;
  /** Those of one month that are in a person's list, by day. */
  linesOf(operatorId: OperatorId, personId: string, month: string, page: PageRequest): Promise<Page<LedgerLine>>;
  /** The sums of each day of a month, and each currency. */
  sums(operatorId: OperatorId, month: string): Promise<readonly DaySums[]>;
}

export interface DaySums {
  readonly day: string;
  readonly currency: string;
  readonly sums: Sums;
}

/** To whom a person's invoices are made out, where they said so: erased with them. */
export interface RecipientBook {
  recipient(operatorId: OperatorId, personId: string): Promise<Recipient | undefined>;
  saveRecipient(operatorId: OperatorId, personId: string, recipient: Recipient): Promise<void>;
}
