import type { Caller } from '../access/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import type { PageRequest } from '../kernel/paging.ts';
import type { PaymentBooks } from '../sharing/payments/sandbox-payments.ts';
import type { SharingDoor } from '../sharing/setup/acting.ts';
import type { SetupRepository } from '../sharing/setup/setup-repository.ts';
import type { Operator } from '../sharing/setup/system.ts';
import type { AccountName, PartnerAccount, PartnerReceipt } from './account.ts';
import { accountNotFound, type Journal, type JournalService } from './journal-service.ts';
import type { Partner } from './partner.ts';
import { standingAsides } from './standing-asides.ts';

export interface AccountDeskPorts {
  readonly door: Pick<SharingDoor, 'operator'>;
  readonly setup: Pick<SetupRepository, 'systems'>;
  readonly journal: Pick<JournalService, 'account' | 'month' | 'receive'>;
  readonly books: Pick<PaymentBooks, 'load'>;
  readonly clock: Clock;
}

/** Whose account with which operator, in every currency. */
export type PartnerName = Pick<AccountName, 'operatorId' | 'clientId'>;

/** In one currency; minor units. */
export interface AccountStanding {
  readonly currency: string;
  /** Taken, less what was given back and what was paid; below zero the operator owes it. */
  readonly owed: number;
  /** Set aside for uses that are not charged yet. */
  readonly aside: number;
  /** What may still be set aside; absent of somebody who is no partner any more. */
  readonly left?: number;
}

export interface PartnerStanding {
  /** As the operator names them; absent where it does no more. */
  readonly partner?: Partner;
  readonly accounts: readonly AccountStanding[];
}

/** What partners owe, as their operator sees and settles it. */
export class AccountDesk {
  readonly #ports: AccountDeskPorts;

  constructor(ports: AccountDeskPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `operator-not-found`, `partner-account-not-found` */
  async standing(caller: Caller, name: PartnerName): Promise<PartnerStanding> {
    const { door, journal } = this.#ports;
    const partner = partnerOf(await door.operator(caller, name.operatorId), name);
    const currencies = await this.#currencies(name);
    const found = await Promise.all(currencies.map((currency) => journal.account({ ...name, currency })));
    const kept = found.filter((account) => account !== undefined);
    const accounts = await Promise.all(kept.map((account) => this.#standingOf(account, partner)));
    if (partner === undefined && accounts.length === 0) throw accountNotFound(name.operatorId);
    return { ...(partner !== undefined && { partner }), accounts };
  }

  /** The journal of one month, UTC. */
  async month(caller: Caller, name: AccountName, month: string, page: PageRequest): Promise<Required<Journal>> {
    const { door, journal } = this.#ports;
    await door.operator(caller, name.operatorId);
    if ((await journal.account(name)) === undefined) throw accountNotFound(name.operatorId);
    return journal.month(name, month, page);
  }

  /** The partner has paid. @throws Failure `receipt-contradicts`, `receipt-above-owed` */
  async receive(caller: Caller, name: AccountName, receipt: Omit<PartnerReceipt, 'at'>): Promise<AccountStanding> {
    const { door, journal, clock } = this.#ports;
    const partner = partnerOf(await door.operator(caller, name.operatorId), name);
    return this.#standingOf(await journal.receive(name, { ...receipt, at: clock.now() }), partner);
  }

  async #standingOf(account: PartnerAccount, partner: Partner | undefined): Promise<AccountStanding> {
    return standingOf(await standingAsides(account, this.#ports.books), partner);
  }

  /** Those of the operator's cities. */
  async #currencies({ operatorId }: PartnerName): Promise<readonly string[]> {
    const currencies = new Set<string>();
    let from: string | undefined;
    do {
      const page = { limit: 100, ...(from !== undefined && { from }) };
      const { items, next } = await this.#ports.setup.systems(operatorId, page);
      for (const { currency } of items) currencies.add(currency);
      from = next;
    } while (from !== undefined);
    return [...currencies].toSorted();
  }
}

function partnerOf({ partners = [] }: Operator, { clientId }: PartnerName): Partner | undefined {
  return partners.find((one) => one.clientId === clientId);
}

function standingOf({ currency, owed, aside }: PartnerAccount, partner: Partner | undefined): AccountStanding {
  const held = Object.values(aside).reduce((sum, one) => sum + one, 0);
  const left = partner === undefined ? {} : { left: Math.max(0, partner.creditLimit - owed - held) };
  return { currency, owed, aside: held, ...left };
}
