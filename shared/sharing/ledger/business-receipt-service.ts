import type { Caller } from '../../access/caller.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { DueCalls } from '../due/due.ts';
import { dayIn } from '../setup/local-day.ts';
import type { OperatorId } from '../sharing-id.ts';
import { lookAgain } from '../trips/settlement.ts';
import type { BusinessRepository } from './business-repository.ts';
import type { BusinessService } from './business-service.ts';
import type { Charge } from './charge.ts';
import { type ChargeReceipt, received } from './charge-receipt.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { ChargeService } from './charge-service.ts';
import { instantsOf } from './city-time.ts';

export interface BusinessReceiptPorts {
  readonly businesses: Pick<BusinessRepository, 'month'>;
  readonly accounts: Pick<BusinessService, 'require'>;
  readonly charges: Pick<ChargeService, 'settle'>;
  readonly chargeBook: Pick<ChargeRepository, 'charge' | 'saveCharge'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

interface At {
  readonly operatorId: OperatorId;
  readonly businessId: string;
}

export type BusinessReceipt = Pick<ChargeReceipt, 'receiptId' | 'receivedOn' | 'amount'> & {
  /** Whose invoice it pays, or a part of it. */
  readonly month: string;
  readonly currency: string;
};

/** What businesses pay by bank transfer, as the operator enters it. */
export class BusinessReceiptService {
  readonly #ports: BusinessReceiptPorts;

  constructor(ports: BusinessReceiptPorts) {
    this.#ports = ports;
  }

  /**
   * Once for its reference, however often it is entered.
   *
   * @throws Failure `invoice-not-found`, `currency-other`, `receipt-contradicts`, `receipt-above-owed`, `receipt-day-wrong`
   */
  async receive(caller: Caller, at: At, { month, currency, ...receipt }: BusinessReceipt): Promise<Charge> {
    const { businesses, accounts, charges, chargeBook, due, clock } = this.#ports;
    await accounts.require(caller, at);
    const { closed } = await businesses.month(at.operatorId, at.businessId, month);
    if (closed === undefined || 'carriedTo' in closed) throw notInvoiced(month);
    const { chargeId } = closed;
    const now = clock.now();
    await due.call({ kind: 'charge', chargeId }, now + lookAgain, now);
    // The card may be asked still: what it pays is owed no more.
    await charges.settle(chargeId);
    const entered = await untilSaved(async () => {
      const seen = await chargeBook.charge(chargeId);
      if (seen === undefined) throw notInvoiced(month);
      if (seen.payment.kind === 'collecting') return undefined;
      const day = { at: instantOn(receipt.receivedOn, seen, now), by: caller.clientId };
      const next = received(seen, currency, { ...receipt, ...day });
      return next === seen || (await chargeBook.saveCharge(next, seen.version)) ? next : undefined;
    });
    return (await charges.settle(chargeId)) ?? entered;
  }
}

/** Its noon, or now where that has not come. From the day of the bill on: nothing can be paid that is not asked for. */
function instantOn(day: string, { timeZone, madeAt }: Charge, now: Instant): Instant {
  const [first, last] = [dayIn(timeZone, madeAt), dayIn(timeZone, now)];
  const [noon] = instantsOf(timeZone, `${day}T12:00`);
  if (noon === undefined || day < first || day > last) throw dayWrong(first, last);
  return Math.min(noon, now);
}

function notInvoiced(month: string): Failure {
  return new Failure('not-found', 'invoice-not-found', `The business was not asked for ${month} yet.`, {
    resolution: 'Invoice the month first: POST …/businesses/{businessId}/invoices/{month}.',
    errors: [{ pointer: '/month', detail: 'has no invoice' }],
  });
}

function dayWrong(first: string, last: string): Failure {
  return new Failure('unacceptable', 'receipt-day-wrong', `It can have come from ${first} to ${last}.`, {
    resolution: 'Say the day from which the bank counts the money, by the clock of the city.',
    errors: [{ pointer: '/receivedOn', detail: `is not from ${first} to ${last}` }],
  });
}
