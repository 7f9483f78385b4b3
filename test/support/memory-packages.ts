import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import {
  type AccountBooks,
  type AccountName,
  type JournalEntry,
  type MonthTotal,
  monthOf,
  type PartnerAccount,
  type PartnerReceipt,
} from '#shared/partners/account.ts';
import type { OfferSet } from '#shared/partners/offer.ts';
import { isFollowed, isOver, type PartnerPackage } from '#shared/partners/package.ts';
import type { PackageId } from '#shared/partners/package-id.ts';
import type { OfferRepository, PackageName, PackageRepository } from '#shared/partners/package-repository.ts';
import type { OperatorId, ReservationId } from '#shared/sharing/sharing-id.ts';

/** What partners are offered, without a table. */
export class MemoryOffers implements OfferRepository {
  readonly #sets = new Map<string, OfferSet>();

  async keep(set: OfferSet): Promise<OfferSet> {
    const key = `${set.clientId} ${set.searchId}`;
    const kept = this.#sets.get(key) ?? set;
    this.#sets.set(key, kept);
    return kept;
  }

  async load(clientId: string, searchId: string): Promise<OfferSet | undefined> {
    return this.#sets.get(`${clientId} ${searchId}`);
  }
}

/** What they have bought. */
export class MemoryPackages implements PackageRepository {
  readonly #packages = new Map<string, PartnerPackage>();

  get all(): readonly PartnerPackage[] {
    return [...this.#packages.values()];
  }

  async load({ clientId, packageId }: PackageName): Promise<PartnerPackage | undefined> {
    return this.#packages.get(`${clientId} ${packageId}`);
  }

  async add(pack: PartnerPackage, most: number): Promise<boolean> {
    const key = `${pack.clientId} ${pack.packageId}`;
    if (this.#packages.has(key) || this.#open(pack.clientId, pack.operatorId) >= most) return false;
    this.#packages.set(key, pack);
    return true;
  }

  async save(pack: PartnerPackage, seen: PartnerPackage): Promise<boolean> {
    const key = `${pack.clientId} ${pack.packageId}`;
    if (this.#packages.get(key)?.version !== seen.version) return false;
    this.#packages.set(key, pack);
    return true;
  }

  async ofClient(clientId: string, { limit, from }: PageRequest): Promise<Page<PackageId>> {
    const its = this.all.filter((pack) => pack.clientId === clientId).map(({ packageId }) => packageId);
    const rest = its.sort((a, b) => (a < b ? 1 : -1)).filter((packageId) => from === undefined || packageId < from);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    return rest.length > limit && last !== undefined ? { items, next: last } : { items };
  }

  async ofVehicle(vehicleId: string): Promise<readonly PackageName[]> {
    const its = this.all.filter((pack) => pack.vehicleId === vehicleId && isFollowed(pack));
    return its.sort((a, b) => (a.packageId < b.packageId ? 1 : -1));
  }

  async open(clientId: string, operatorId: OperatorId): Promise<number> {
    return this.#open(clientId, operatorId);
  }

  #open(clientId: string, operatorId: OperatorId): number {
    const its = this.all.filter((pack) => pack.clientId === clientId && pack.operatorId === operatorId);
    return its.filter(({ told }) => !isOver(told)).length;
  }
}

/** What they owe. */
export class MemoryAccounts implements AccountBooks {
  readonly #accounts = new Map<string, PartnerAccount>();
  readonly #entries = new Map<string, Map<string, JournalEntry>>();
  readonly #receipts = new Map<string, PartnerReceipt>();

  get all(): readonly PartnerAccount[] {
    return [...this.#accounts.values()];
  }

  entriesOf(name: AccountName): readonly JournalEntry[] {
    return [...(this.#entries.get(keyOf(name)) ?? new Map<string, JournalEntry>()).values()];
  }

  async load(name: AccountName): Promise<PartnerAccount | undefined> {
    return this.#accounts.get(keyOf(name));
  }

  async save(account: PartnerAccount, seen: number | undefined): Promise<boolean> {
    if (this.#accounts.get(keyOf(account))?.version !== seen) return false;
    this.#accounts.set(keyOf(account), account);
    return true;
  }

  async enter(entry: JournalEntry, account: PartnerAccount, seen: number | undefined): Promise<boolean> {
    if (await this.isEntered(account, entry)) return false;
    if (!(await this.save(account, seen))) return false;
    const entries = this.#entries.get(keyOf(account)) ?? new Map<string, JournalEntry>();
    this.#entries.set(keyOf(account), entries.set(nameOf(entry), entry));
    return true;
  }

  async isEntered(name: AccountName, entry: JournalEntry): Promise<boolean> {
    return this.#entries.get(keyOf(name))?.has(nameOf(entry)) ?? false;
  }

  async entries(
    name: AccountName,
    { from, to }: { readonly from: number; readonly to: number },
    page: PageRequest,
  ): Promise<Page<JournalEntry>> {
    const begin = Number(page.from ?? 0);
    const its = this.entriesOf(name).filter(({ at }) => at >= from && at < to);
    const items = its.sort((a, b) => a.at - b.at).slice(begin, begin + page.limit);
    return begin + page.limit < its.length ? { items, next: String(begin + page.limit) } : { items };
  }

  async chargesOf(name: AccountName, reservationId: ReservationId): Promise<readonly JournalEntry[]> {
    return this.entriesOf(name).filter((entry) => entry.charge !== undefined && entry.reservationId === reservationId);
  }

  async month(name: AccountName, month: string): Promise<MonthTotal> {
    const its = this.entriesOf(name).filter(({ at }) => monthOf(at) === month);
    return { month, charged: its.reduce((sum, { amount }) => sum + amount, 0), entries: its.length };
  }

  async receipt(name: AccountName, receiptId: string): Promise<PartnerReceipt | undefined> {
    return this.#receipts.get(`${keyOf(name)} ${receiptId}`);
  }

  async receive(receipt: PartnerReceipt, account: PartnerAccount, seen: number): Promise<boolean> {
    const key = `${keyOf(account)} ${receipt.receiptId}`;
    if (this.#receipts.has(key) || !(await this.save(account, seen))) return false;
    this.#receipts.set(key, receipt);
    return true;
  }
}

function keyOf({ operatorId, clientId, currency }: AccountName): string {
  return `${operatorId} ${clientId} ${currency}`;
}

function nameOf({ reservationId, kind, id }: JournalEntry): string {
  return `${reservationId} ${kind} ${id}`;
}
