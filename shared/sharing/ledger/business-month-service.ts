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
import {
  type AccountEntry,
  type Business,
  type BusinessMonth,
  carriedInto,
  isToBeCarried,
  type MonthClosing,
  monthAfter,
  monthGross,
  monthLines,
} from './business.ts';
import type { BusinessRepository } from './business-repository.ts';
import type { BusinessService } from './business-service.ts';
import type { Charge } from './charge.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { ChargeService } from './charge-service.ts';
import { monthOf } from './ledger-line.ts';
import { businessNotFound, monthCarried, monthNotOver, nothingToPay } from './ledger-refusals.ts';
import { openMonthFrom } from './open-month.ts';

type MonthCall = 'month' | 'months' | 'closeMonth' | 'carryMonth' | 'entries' | 'member';

export interface BusinessMonthPorts {
  readonly businesses: Pick<BusinessRepository, MonthCall>;
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

type ClosedMonth = BusinessMonth & { readonly closed: MonthClosing };

/** What a business is asked for at the end of a month: one invoice for all that its members used. */
export class BusinessMonthService {
  readonly #ports: BusinessMonthPorts;

  constructor(ports: BusinessMonthPorts) {
    this.#ports = ports;
  }

  /**
   * Once for a month, however often it is asked for. What former months owe the business is taken off it; a month that
   * comes to nothing, or less, is carried into the first open one after it.
   *
   * @throws Failure `month-not-over`, `nothing-to-invoice`
   */
  async invoice(caller: Caller, at: At, month: string, operation: Operation): Promise<Charge> {
    const { accounts, charges, chargeBook, setup } = this.#ports;
    const business = await accounts.require(caller, at);
    const system = await setup.system(business.systemId);
    if (system === undefined) throw businessNotFound();
    this.#requireOver(month, system);
    await this.#carryFormer(at, month);
    const { closed, ...seen } = await this.#closed(at, month, chargeIdOf(operation.operationId, operation.startedAt));
    if ('carriedTo' in closed) throw monthCarried(month, closed.carriedTo);
    const { chargeId } = closed;
    // Who died behind the closing is followed by whoever asks again: the closed month says what to charge.
    if ((await chargeBook.charge(chargeId)) === undefined) {
      await charges.make(await this.#charge(business, system, { ...seen, chargeId }, caller.clientId));
    }
    const settled = await charges.settle(chargeId);
    if (settled === undefined) throw nothingToPay(month);
    return settled;
  }

  /** What stands in each month, and what became of it; with the currency. */
  async months(caller: Caller, at: At, page: PageRequest) {
    const { accounts, businesses, setup } = this.#ports;
    const { systemId } = await accounts.require(caller, at);
    const system = await setup.system(systemId);
    if (system === undefined) throw businessNotFound();
    return { currency: system.currency, ...(await businesses.months(at.operatorId, at.businessId, page)) };
  }

  /** For its admins: what each use cost, without where it was. */
  async entries(at: At, personId: PersonId, month: string, page: PageRequest): Promise<Page<AccountEntry>> {
    const { businesses } = this.#ports;
    const member = await businesses.member(at.operatorId, at.businessId, personId);
    if (member?.status !== 'accepted' || !member.isAdmin) throw businessNotFound();
    return businesses.entries(at.operatorId, at.businessId, month, page);
  }

  #closed({ operatorId, businessId }: At, month: string, chargeId: ChargeId): Promise<ClosedMonth> {
    const { businesses } = this.#ports;
    return untilSaved(async () => {
      const { closed, ...seen } = await businesses.month(operatorId, businessId, month);
      if (closed !== undefined) return { ...seen, closed };
      if (isToBeCarried(seen)) return this.#carried(seen);
      if (monthGross(seen) <= 0) throw nothingToPay(month);
      return (await businesses.closeMonth(seen, chargeId)) ? { ...seen, closed: { chargeId } } : undefined;
    });
  }

  /** Undefined where somebody else was faster. */
  async #carried(seen: BusinessMonth): Promise<ClosedMonth | undefined> {
    const { businesses } = this.#ports;
    const into = await openMonthFrom(businesses, seen.operatorId, seen.businessId, monthAfter(seen.month));
    const isCarried = await businesses.carryMonth(seen, into, carriedInto(into, seen));
    return isCarried ? { ...seen, closed: { carriedTo: into.month } } : undefined;
  }

  /** Nobody need ask for a month that has nothing to be paid: whoever asks for a later one has it carried. */
  async #carryFormer({ operatorId, businessId }: At, month: string): Promise<void> {
    const { businesses } = this.#ports;
    for (let from: string | undefined; ; ) {
      const request = { limit: 100, ...(from !== undefined && { from }) };
      const { items, next } = await businesses.months(operatorId, businessId, request);
      const former = items.filter((one) => one.month < month);
      for (const one of former.filter(isToBeCarried)) await this.#carryUpTo(one, month);
      if (next === undefined || former.length < items.length) return;
      from = next;
    }
  }

  /** From month to month, until it is taken off in one of them or stands in `last`. */
  async #carryUpTo({ operatorId, businessId, month: first }: BusinessMonth, last: string): Promise<void> {
    const { businesses } = this.#ports;
    for (let month = first; month < last; ) {
      const { closed } = await untilSaved(async () => {
        const seen = await businesses.month(operatorId, businessId, month);
        return isToBeCarried(seen) ? this.#carried(seen) : seen;
      });
      if (closed === undefined || 'chargeId' in closed) return;
      month = closed.carriedTo;
    }
  }

  async #charge(
    { operatorId, businessId }: Business,
    { market, currency, timeZone, systemId }: SharingSystem,
    month: BusinessMonth & { readonly chargeId: ChargeId },
    by: string,
  ): Promise<Charge> {
    const debtor = { kind: 'business', businessId } as const;
    const now = this.#ports.clock.now();
    const amount = monthGross(month);
    return {
      ...{ chargeId: month.chargeId, operatorId, systemId, debtor, kind: 'business-month', lines: monthLines(month) },
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

/** Noon of it, which is of this day in nearly every zone where cars are shared. */
function lastDayOf(month: string): number {
  return Date.parse(`${monthAfter(month)}-01T12:00:00Z`) - 86_400_000;
}
