import { isPersonId } from '../../access/person.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { isTraveller } from '../../partners/traveller-id.ts';
import type { DueCalls } from '../due/due.ts';
import type { Payments } from '../payments/payments.ts';
import { vatRate } from '../prices/vat.ts';
import { systemNotFound } from '../setup/acting.ts';
import { disputeDays } from '../setup/charge-rules.ts';
import { dayIn } from '../setup/local-day.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SharingSystem } from '../setup/system.ts';
import type { ChargeId, OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import { lookAgain } from '../trips/settlement.ts';
import {
  type Charge,
  type ChargeKind,
  type ChargePayment,
  type ChargeStep,
  chargeDebtOf,
  type FineReference,
  nextChargeStep,
  type Reduction,
  withChargeDeclined,
  withChargePaid,
  withChargeTold,
  withReduction,
} from './charge.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { Debtors } from './debtors.ts';
import { chargedOtherwise, chargeNotFound, currencyOther, excessExceeded, nobodyToCharge } from './ledger-refusals.ts';
import type { LedgerService } from './ledger-service.ts';
import type { Debtor, DocumentLine } from './receivable.ts';
import { receivableOfCharge } from './receivable-charge.ts';

/** Partners, as far as they pay for their customers' uses. */
export interface ChargedPartners {
  /** @returns the client; undefined: whoever had the vehicle pays */
  payerOf(reservationId: ReservationId): Promise<string | undefined>;
  /** Into their journal, once: the charge, or what is taken off it. */
  enter(charge: Charge, clientId: string, reduction?: Reduction): Promise<void>;
}

export interface ChargePorts {
  readonly charges: ChargeRepository;
  readonly debtors: Pick<Debtors, 'find' | 'tell'>;
  readonly payments: Pick<Payments, 'collect' | 'refund'>;
  readonly partners: ChargedPartners;
  readonly ledger: Pick<LedgerService, 'keep'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

/** What somebody is to be charged, by whoever found that they are. */
export interface ChargeOrder {
  /** Of what caused it: the same again finds the first one's charge. */
  readonly chargeId: ChargeId;
  readonly operatorId: OperatorId;
  readonly personId: string;
  /** Its rules count: tax, currency, excess, and how long one may dispute it. */
  readonly systemId: SystemId;
  readonly kind: ChargeKind;
  /** Minor units, tax included where there is any. */
  readonly amount: number;
  readonly currency: string;
  /** Names nobody. */
  readonly reason: string;
  /** The client, or the part of the platform, that says so. */
  readonly by: string;
  readonly happenedAt: Instant;
  readonly reservationId?: ReservationId;
  readonly evidence?: string;
  readonly fine?: FineReference;
}

const day = 86_400_000;

/**
 * Kinds that are no supply, and so bear no value added tax: a fine is passed on, a damage is made good (Directive
 * 2006/112/EC, Article 2; § 1 UStG and its decree, 1.3).
 */
const untaxed: ReadonlySet<ChargeKind> = new Set(['fine', 'damage-excess']);

/** Charges beside the bill of a trip: written down first, then asked for, as trips are. */
export class ChargeService {
  readonly #ports: ChargePorts;

  constructor(ports: ChargePorts) {
    this.#ports = ports;
  }

  /**
   * Once for its id, however often it is told; and asked for at once, as far as it goes.
   *
   * @throws Failure `currency-other`, `excess-exceeded`, `charge-known-otherwise`, `account-not-found`
   */
  async charge(order: ChargeOrder): Promise<Charge> {
    const { charges, setup } = this.#ports;
    const system = await setup.system(order.systemId);
    if (system === undefined || system.operatorId !== order.operatorId) throw systemNotFound(order.systemId);
    requireChargeable(order, system);
    await this.make(await this.#fresh(order, system, await this.debtor(order)));
    const charge = await charges.charge(order.chargeId);
    if (charge !== undefined && !isAs(charge, order)) throw chargedOtherwise(charge.chargeId);
    const settled = await this.settle(order.chargeId);
    if (settled === undefined) throw chargeNotFound();
    return settled;
  }

  /** False where there is one already, of this id or of the same fine. */
  async make(charge: Charge): Promise<boolean> {
    const { charges, due, clock } = this.#ports;
    const now = clock.now();
    await due.call({ kind: 'charge', chargeId: charge.chargeId }, now + lookAgain, now);
    return charges.addCharge(charge);
  }

  /** As far as it goes by now. May be called whenever and however often: it does what is left to be done. */
  async settle(chargeId: ChargeId): Promise<Charge | undefined> {
    const { charges, ledger } = this.#ports;
    const settled = await untilSaved<Charge | 'none'>(async () => {
      let charge = await charges.charge(chargeId);
      for (;;) {
        const step = charge === undefined ? undefined : nextChargeStep(charge);
        if (charge === undefined || step === undefined) return charge ?? 'none';
        const after = await this.#taken(charge, step);
        if (!(await charges.saveCharge(after, charge.version))) return undefined;
        charge = after;
      }
    });
    // Who was to make it died before: a queue may tell of what never was.
    if (settled === 'none') return undefined;
    await ledger.keep(receivableOfCharge(settled));
    return settled;
  }

  async #taken(charge: Charge, step: ChargeStep): Promise<Charge> {
    const { payments, partners, debtors, charges, clock } = this.#ports;
    const { chargeId, operatorId, debtor, currency } = charge;
    switch (step.kind) {
      case 'collect': {
        if (debtor.kind === 'partner') {
          await partners.enter(charge, debtor.clientId);
          return withChargePaid(charge, clock.now());
        }
        const outcome = await payments.collect(chargeId, step.amount, currency, step.paymentMethod, step.paymentId);
        if (outcome.kind === 'declined') return withChargeDeclined(charge, outcome.reason);
        return withChargePaid(charge, clock.now());
      }
      case 'tell':
        await debtors.tell(operatorId, debtor, chargeId, async () => {
          const present = await charges.charge(chargeId);
          return present === undefined ? undefined : chargeDebtOf(present);
        });
        return withChargeTold(charge);
      case 'refund': {
        const { id, amount } = step.reduction;
        if (debtor.kind === 'partner') {
          await partners.enter(charge, debtor.clientId, step.reduction);
          return withReduction(charge, { ...step.reduction, status: 'done' });
        }
        const { kind } = await payments.refund(chargeId, amount, id);
        return withReduction(charge, { ...step.reduction, status: kind === 'refunded' ? 'done' : 'refused' });
      }
    }
  }

  /**
   * Of a use that a partner has booked, the partner; its customer is nobody whom we know.
   *
   * @throws Failure `account-not-found` of who was erased
   */
  async debtor({ personId, reservationId }: Pick<ChargeOrder, 'personId' | 'reservationId'>): Promise<Debtor> {
    const clientId = reservationId === undefined ? undefined : await this.#ports.partners.payerOf(reservationId);
    if (clientId !== undefined) return { kind: 'partner', clientId };
    if (isTraveller(personId) || !isPersonId(personId)) throw nobodyToCharge();
    return { kind: 'person', personId };
  }

  async #fresh(order: ChargeOrder, system: SharingSystem, debtor: Debtor): Promise<Charge> {
    const { chargeId, operatorId, kind, currency, reason, by, happenedAt } = order;
    const { reservationId, evidence, fine } = order;
    const now = this.#ports.clock.now();
    const lines = linesOf(order, system, now);
    return {
      ...{ chargeId, operatorId, systemId: system.systemId, debtor, kind, lines, currency, reason, by, happenedAt },
      amount: sumOf(lines),
      ...{ market: system.market, timeZone: system.timeZone, madeAt: now },
      disputableUntil: now + disputeDays(system.charges) * day,
      ...(reservationId !== undefined && { reservationId }),
      ...(evidence !== undefined && { evidence }),
      ...(fine !== undefined && { fine }),
      payment: await this.firstAttempt(operatorId, debtor, sumOf(lines), now),
      ...{ reductions: [], version: 1 },
    };
  }

  /** @throws Failure `account-not-found` where there is nobody who could be asked */
  async firstAttempt(operatorId: OperatorId, debtor: Debtor, owed: number, now: Instant): Promise<ChargePayment> {
    const found = await this.#ports.debtors.find(operatorId, debtor);
    if (found === undefined) throw nobodyToCharge();
    const { paymentMethod } = found;
    if (paymentMethod !== undefined) {
      return { kind: 'collecting', since: now, owed, paymentId: 'first', paymentMethod, told: true };
    }
    return { kind: 'owed', since: now, owed, reason: 'unknown-payment-method', told: false };
  }
}

function sumOf(lines: readonly DocumentLine[]): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0);
}

/** Who finds out for an authority who drove is paid for that: it is a service, whatever the fine itself is. */
function linesOf({ kind, amount, fine }: ChargeOrder, system: SharingSystem, now: Instant): readonly DocumentLine[] {
  const rate = vatRate(system.market, dayIn(system.timeZone, now));
  const taxed = rate === undefined ? {} : { rate };
  const line = { item: kind, quantity: 1, price: amount, amount, ...(untaxed.has(kind) ? {} : taxed) };
  const fee = fine === undefined ? 0 : (system.charges?.finesFee ?? 0);
  if (fee === 0) return [line];
  return [line, { item: 'processing-fee', quantity: 1, price: fee, amount: fee, ...taxed }];
}

function requireChargeable({ currency, kind, amount }: ChargeOrder, system: SharingSystem): void {
  if (currency !== system.currency) throw currencyOther(system.currency);
  const excess = system.damageExcess ?? 0;
  if (kind === 'damage-excess' && amount > excess) throw excessExceeded(excess, system);
}

function isAs(charge: Charge, { personId, kind, amount, operatorId, reservationId }: ChargeOrder): boolean {
  const { debtor } = charge;
  const isTheirs = debtor.kind === 'person' ? debtor.personId === personId : charge.reservationId === reservationId;
  return isTheirs && charge.operatorId === operatorId && charge.kind === kind && charge.lines[0]?.amount === amount;
}
