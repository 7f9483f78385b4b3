import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { PersonId } from '../../access/person.ts';
import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import { dayIn } from '../setup/local-day.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SharingSystem } from '../setup/system.ts';
import { type ChargeId, chargeIdOf, type OperatorId } from '../sharing-id.ts';
import { type AccountEntry, type Business, type BusinessMonth, monthAfter, monthLines } from './business.ts';
import type { BusinessRepository } from './business-repository.ts';
import type { BusinessService } from './business-service.ts';
import type { Charge } from './charge.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { ChargeService } from './charge-service.ts';
import { monthOf } from './ledger-line.ts';
import { businessNotFound, monthNotOver, nothingInvoiced } from './ledger-refusals.ts';

export interface BusinessMonthPorts {
  readonly businesses: Pick<BusinessRepository, 'month' | 'closeMonth' | 'entries' | 'member'>;
  readonly accounts: Pick<BusinessService, 'require'>;
  readonly charges: Pick<ChargeService, 'make' | 'settle' | 'firstAttempt'>;
  readonly chargeBook: Pick<ChargeRepository, 'charge'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly clock: Clock;
}

interface At {
  readonly operatorId: OperatorId;
  readonly businessId: string;
}

/** What a business is asked for at the end of a month: one invoice for all that its members used. */
export class BusinessMonthService {
  readonly #ports: BusinessMonthPorts;

  constructor(ports: BusinessMonthPorts) {
    this.#ports = ports;
  }

  /** Once for a month, however often it is asked for. */
  async invoice(caller: Caller, at: At, month: string, operation: Operation): Promise<Charge> {
    const { businesses, accounts, charges, chargeBook, setup } = this.#ports;
    const business = await accounts.require(caller, at);
    const system = await setup.system(business.systemId);
    if (system === undefined) throw businessNotFound();
    this.#requireOver(month, system);
    const closed = await untilSaved(async () => {
      const seen = await businesses.month(at.operatorId, at.businessId, month);
      if (seen.closed !== undefined) return { ...seen, closed: seen.closed };
      if (grossOf(seen) <= 0) throw nothingInvoiced(`Nothing is to be paid by the business for ${month}.`);
      const chargeId = chargeIdOf(operation.operationId, operation.startedAt);
      return (await businesses.closeMonth(seen, chargeId)) ? { ...seen, closed: chargeId } : undefined;
    });
    // Who died behind the closing is followed by whoever asks again: the closed month says what to charge.
    if ((await chargeBook.charge(closed.closed)) === undefined) {
      await charges.make(await this.#charge(business, system, closed, caller.clientId));
    }
    const settled = await charges.settle(closed.closed);
    if (settled === undefined) throw nothingInvoiced(`Nothing is to be paid by the business for ${month}.`);
    return settled;
  }

  /** For its admins: what each use cost, without where it was. */
  async entries(at: At, personId: PersonId, month: string, page: PageRequest): Promise<Page<AccountEntry>> {
    const { businesses } = this.#ports;
    const member = await businesses.member(at.operatorId, at.businessId, personId);
    if (member?.status !== 'accepted' || !member.isAdmin) throw businessNotFound();
    return businesses.entries(at.operatorId, at.businessId, month, page);
  }

  async #charge(
    { operatorId, businessId }: Business,
    { market, currency, timeZone, systemId }: SharingSystem,
    month: BusinessMonth & { readonly closed: ChargeId },
    by: string,
  ): Promise<Charge> {
    const debtor = { kind: 'business', businessId } as const;
    const now = this.#ports.clock.now();
    const amount = grossOf(month);
    return {
      ...{ chargeId: month.closed, operatorId, systemId, debtor, kind: 'business-month', lines: monthLines(month) },
      ...{ amount, currency, market, timeZone, happenedAt: lastDayOf(month.month), reason: month.month, by },
      // In the books of the month in which it was rendered: there its tax belongs.
      ...{ madeAt: lastDayOf(month.month), disputableUntil: now },
      payment: await this.#ports.charges.firstAttempt(operatorId, debtor, amount, now),
      ...{ reductions: [], version: 1 },
    };
  }

  #requireOver(month: string, { timeZone }: SharingSystem): void {
    if (month >= monthOf(dayIn(timeZone, this.#ports.clock.now()))) throw monthNotOver(month);
  }
}

function grossOf({ sums }: BusinessMonth): number {
  return Object.values(sums).reduce((sum, amount) => sum + amount, 0);
}

/** Noon of it, which is of this day in nearly every zone where cars are shared. */
function lastDayOf(month: string): number {
  return Date.parse(`${monthAfter(month)}-01T12:00:00Z`) - 86_400_000;
}
