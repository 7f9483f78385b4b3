import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { AccountEntry, Business, BusinessMonth, Invitation, Member } from '#shared/sharing/ledger/business.ts';
import type { BusinessRepository } from '#shared/sharing/ledger/business-repository.ts';
import type { Charge } from '#shared/sharing/ledger/charge.ts';
import { type ChargeRepository, fineName } from '#shared/sharing/ledger/charge-repository.ts';
import { added, type Sums } from '#shared/sharing/ledger/day-sums.ts';
import type { LedgerDocument } from '#shared/sharing/ledger/document.ts';
import type { Recipient } from '#shared/sharing/ledger/issuer.ts';
import { type LedgerLine, type LineKey, monthOf } from '#shared/sharing/ledger/ledger-line.ts';
import type { DaySums, LedgerBook, Posting, RecipientBook } from '#shared/sharing/ledger/ledger-repository.ts';
import type { NumberRange } from '#shared/sharing/ledger/number-range.ts';
import type { ChargeId, OperatorId } from '#shared/sharing/sharing-id.ts';

const nameOf = ({ operatorId, day, kind, payable, part }: LineKey) => [operatorId, day, kind, payable, part].join(' ');

/** The Ledger table without a table: each call is one write, as it is there. */
export class MemoryLedger implements LedgerBook, RecipientBook, ChargeRepository, BusinessRepository {
  readonly allLines = new Map<string, LedgerLine>();
  /** Names of the lines in each person's list. */
  readonly #lists = new Map<string, string[]>();
  readonly documents: LedgerDocument[] = [];
  readonly #ranges = new Map<string, number>();
  readonly #sums = new Map<string, DaySums & { operatorId: string }>();
  readonly #recipients = new Map<string, Recipient>();
  readonly allCharges = new Map<string, Charge>();
  readonly #fines = new Map<string, ChargeId>();
  readonly #businesses = new Map<string, Business>();
  readonly #members = new Map<string, Member>();
  readonly #invitations = new Map<string, Invitation>();
  readonly allMonths = new Map<string, BusinessMonth>();
  readonly accountEntries: (AccountEntry & { businessId: string })[] = [];

  async line(key: LineKey): Promise<LedgerLine | undefined> {
    return this.allLines.get(nameOf(key));
  }

  async range(operatorId: OperatorId, year: number): Promise<NumberRange> {
    return { year, last: this.#last(operatorId, year) };
  }

  #last(operatorId: OperatorId, year: number): number {
    return this.#ranges.get(`${operatorId} ${year}`) ?? 0;
  }

  async post({ line, seen, issued, adds, onAccount, listedFor }: Posting): Promise<boolean> {
    const known = this.allLines.get(nameOf(line));
    if (seen === 'none' ? known !== undefined : known === undefined || known.document !== undefined) return false;
    const { operatorId, day, currency } = line;
    if (issued !== undefined) {
      const { range, document } = issued;
      if (this.#last(operatorId, range.year) !== range.last) return false;
      if (onAccount !== undefined) throw new Error('Nothing on account has a document of its own');
      this.#ranges.set(`${operatorId} ${range.year}`, document.sequence);
      this.documents.push(document);
    }
    if (onAccount !== undefined) {
      const { businessId, entry } = onAccount;
      const month = this.#month(operatorId, businessId, entry.month);
      if (month.closed !== undefined) return false;
      const next = { ...month, entries: month.entries + 1, sums: added(month.sums, onAccount.adds) };
      this.allMonths.set(`${operatorId} ${businessId} ${entry.month}`, next);
      this.accountEntries.push({ ...entry, businessId });
    }
    const key = `${operatorId} ${day} ${currency}`;
    const sums = added(this.#sums.get(key)?.sums ?? {}, adds);
    this.#sums.set(key, { operatorId, day, currency, sums });
    this.allLines.set(nameOf(line), line);
    if (listedFor !== undefined) {
      const list = `${operatorId} ${listedFor}`;
      this.#lists.set(list, [...(this.#lists.get(list) ?? []), nameOf(line)]);
    }
    return true;
  }

  async document(operatorId: OperatorId, number: string): Promise<LedgerDocument | undefined> {
    return this.documents.find((one) => one.operatorId === operatorId && one.number === number);
  }

  async documentsOf(operatorId: OperatorId, personId: string, page: PageRequest): Promise<Page<LedgerDocument>> {
    const isTheirs = ({ debtor }: LedgerDocument) => debtor?.kind === 'person' && debtor.personId === personId;
    return paged(this.documents.filter((one) => one.operatorId === operatorId && isTheirs(one)).toReversed(), page);
  }

  async lines(operatorId: OperatorId, month: string, page: PageRequest): Promise<Page<LedgerLine>> {
    const names = [...this.allLines.keys()].toSorted();
    const found = names
      .flatMap((name) => this.allLines.get(name) ?? [])
      .filter((line) => line.operatorId === operatorId);
    return paged(
      found.filter(({ day }) => monthOf(day) === month),
      page,
    );
  }

  async linesOf(operatorId: OperatorId, personId: string, month: string, page: PageRequest): Promise<Page<LedgerLine>> {
    const names = (this.#lists.get(`${operatorId} ${personId}`) ?? []).toSorted();
    const lines = names.flatMap((name) => this.allLines.get(name) ?? []);
    return paged(
      lines.filter(({ day }) => monthOf(day) === month),
      page,
    );
  }

  async sums(operatorId: OperatorId, month: string): Promise<readonly DaySums[]> {
    return [...this.#sums.values()].filter((one) => one.operatorId === operatorId && monthOf(one.day) === month);
  }

  async recipient(operatorId: OperatorId, personId: string): Promise<Recipient | undefined> {
    return this.#recipients.get(`${operatorId} ${personId}`);
  }

  async saveRecipient(operatorId: OperatorId, personId: string, recipient: Recipient): Promise<void> {
    this.#recipients.set(`${operatorId} ${personId}`, recipient);
  }

  async charge(chargeId: ChargeId): Promise<Charge | undefined> {
    return this.allCharges.get(chargeId);
  }

  async addCharge(charge: Charge): Promise<boolean> {
    const { chargeId, operatorId, fine } = charge;
    const name = fine === undefined ? undefined : `${operatorId} ${fineName(fine.authority, fine.reference)}`;
    if (this.allCharges.has(chargeId) || (name !== undefined && this.#fines.has(name))) return false;
    if (name !== undefined) this.#fines.set(name, chargeId);
    this.allCharges.set(chargeId, charge);
    return true;
  }

  async saveCharge(charge: Charge, seen: number): Promise<boolean> {
    if (this.allCharges.get(charge.chargeId)?.version !== seen) return false;
    this.allCharges.set(charge.chargeId, charge);
    return true;
  }

  async chargesOf(operatorId: OperatorId, personId: string, page: PageRequest): Promise<Page<Charge>> {
    const found = (await this.charges(operatorId, { limit: 10_000 })).items;
    return paged(
      found.filter(({ debtor }) => debtor.kind === 'person' && debtor.personId === personId),
      page,
    );
  }

  async charges(operatorId: OperatorId, page: PageRequest): Promise<Page<Charge>> {
    return paged([...this.allCharges.values()].filter((one) => one.operatorId === operatorId).toReversed(), page);
  }

  async chargeOfFine(operatorId: OperatorId, authority: string, reference: string): Promise<ChargeId | undefined> {
    return this.#fines.get(`${operatorId} ${fineName(authority, reference)}`);
  }

  async business(operatorId: OperatorId, businessId: string): Promise<Business | undefined> {
    return this.#businesses.get(`${operatorId} ${businessId}`);
  }

  async saveBusiness(business: Business, seen: number | undefined): Promise<boolean> {
    const key = `${business.operatorId} ${business.businessId}`;
    if (this.#businesses.get(key)?.version !== seen) return false;
    this.#businesses.set(key, business);
    return true;
  }

  async businesses(operatorId: OperatorId, page: PageRequest): Promise<Page<Business>> {
    return paged(
      [...this.#businesses.values()].filter((one) => one.operatorId === operatorId),
      page,
    );
  }

  async member(operatorId: OperatorId, businessId: string, personId: string): Promise<Member | undefined> {
    return this.#members.get(`${operatorId} ${businessId} ${personId}`);
  }

  async saveMember(member: Member, seen: number | undefined, used?: Invitation): Promise<boolean> {
    const { operatorId, businessId, personId } = member;
    const key = `${operatorId} ${businessId} ${personId}`;
    if (this.#members.get(key)?.version !== seen) return false;
    if (used !== undefined && !this.#invitations.delete(`${operatorId} ${used.codeHash}`)) return false;
    this.#members.set(key, member);
    return true;
  }

  async members(operatorId: OperatorId, businessId: string, page: PageRequest): Promise<Page<Member>> {
    const found = [...this.#members.values()].filter((one) => one.operatorId === operatorId);
    return paged(
      found.filter((one) => one.businessId === businessId),
      page,
    );
  }

  async membershipsOf(operatorId: OperatorId, personId: string): Promise<readonly Member[]> {
    return [...this.#members.values()].filter((one) => one.operatorId === operatorId && one.personId === personId);
  }

  async addInvitation(invitation: Invitation): Promise<void> {
    this.#invitations.set(`${invitation.operatorId} ${invitation.codeHash}`, invitation);
  }

  async invitation(operatorId: OperatorId, codeHash: string): Promise<Invitation | undefined> {
    return this.#invitations.get(`${operatorId} ${codeHash}`);
  }

  async month(operatorId: OperatorId, businessId: string, month: string): Promise<BusinessMonth> {
    return this.#month(operatorId, businessId, month);
  }

  #month(operatorId: OperatorId, businessId: string, month: string): BusinessMonth {
    const known = this.allMonths.get(`${operatorId} ${businessId} ${month}`);
    return known ?? { operatorId, businessId, month, sums: {}, entries: 0 };
  }

  async closeMonth(seen: BusinessMonth, charge: ChargeId): Promise<boolean> {
    const { operatorId, businessId, month, entries } = seen;
    const known = this.#month(operatorId, businessId, month);
    if (known.closed !== undefined || known.entries !== entries) return false;
    this.allMonths.set(`${operatorId} ${businessId} ${month}`, { ...known, closed: { chargeId: charge } });
    return true;
  }

  async carryMonth(from: BusinessMonth, into: BusinessMonth, carried: Sums): Promise<boolean> {
    const [source, target] = [from, into].map((one) => this.#month(one.operatorId, one.businessId, one.month));
    if (source?.closed !== undefined || source?.entries !== from.entries) return false;
    if (target?.closed !== undefined || target?.entries !== into.entries) return false;
    const name = ({ operatorId, businessId, month }: BusinessMonth) => `${operatorId} ${businessId} ${month}`;
    this.allMonths.set(name(from), { ...source, closed: { carriedTo: into.month } });
    this.allMonths.set(name(into), { ...target, carried, entries: target.entries + 1 });
    return true;
  }

  async months(operatorId: OperatorId, businessId: string, page: PageRequest): Promise<Page<BusinessMonth>> {
    const theirs = [...this.allMonths.values()].filter((one) => one.operatorId === operatorId);
    return paged(
      theirs.filter((one) => one.businessId === businessId).toSorted((a, b) => (a.month < b.month ? -1 : 1)),
      page,
    );
  }

  async entries(_: OperatorId, businessId: string, month: string, page: PageRequest): Promise<Page<AccountEntry>> {
    return paged(
      this.accountEntries.filter((one) => one.businessId === businessId && one.month === month),
      page,
    );
  }
}

function paged<T>(items: readonly T[], { limit, from = '0' }: PageRequest): Page<T> {
  const end = Number(from) + limit;
  const page = items.slice(Number(from), end);
  return end < items.length ? { items: page, next: String(end) } : { items: page };
}
