import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { PersonId } from '../../access/person.ts';
import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { DueCalls } from '../due/due.ts';
import type { SharingDoor } from '../setup/acting.ts';
import { requireOperator } from '../setup/known-operator.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { type ChargeId, chargeIdOf, type OperatorId, type ReservationId } from '../sharing-id.ts';
import { lookAgain } from '../trips/settlement.ts';
import { debtNotPaid, nothingOwed, paymentMethodMissing, refundRefused, tripNotFound } from '../trips/trip-refusals.ts';
import type { TripRepository } from '../trips/trip-repository.ts';
import { type Charge, type Decision, reduced, reducible, withChargeAttempt } from './charge.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { ChargeOrder, ChargeService } from './charge-service.ts';
import type { Debtors } from './debtors.ts';
import {
  chargeNotFound,
  disputedBefore,
  disputeTooLate,
  nothingDisputed,
  reductionMissing,
  reductionTooHigh,
} from './ledger-refusals.ts';

export interface ChargeDeskPorts {
  readonly charges: ChargeRepository;
  readonly service: Pick<ChargeService, 'charge' | 'settle'>;
  readonly trips: Pick<TripRepository, 'ofReservation'>;
  readonly debtors: Pick<Debtors, 'find'>;
  readonly door: Pick<SharingDoor, 'operator'>;
  readonly setup: Pick<SharingSetup, 'operator'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

export type StaffCharge = Pick<ChargeOrder, 'kind' | 'amount' | 'currency' | 'reason' | 'evidence'> & {
  readonly personId: PersonId;
  readonly reservationId: ReservationId;
};

interface Mine {
  readonly operatorId: OperatorId;
  readonly personId: PersonId;
}

/** What is decided about a dispute. */
export interface Deciding {
  readonly kind: Decision['kind'];
  readonly reason: string;
  /** Of `reduce`: so much less. */
  readonly amount?: number;
  /** Of this decision: the same again is the same one. */
  readonly id: string;
}

/** What persons and staff do about charges: see, dispute, pay, and decide. */
export class ChargeDesk {
  readonly #ports: ChargeDeskPorts;

  constructor(ports: ChargeDeskPorts) {
    this.#ports = ports;
  }

  /** By staff, about a use of this person. The same operation makes the same charge. */
  async make(caller: Caller, operatorId: OperatorId, said: StaffCharge, operation: Operation): Promise<Charge> {
    const { door, trips, service } = this.#ports;
    await door.operator(caller, operatorId);
    const trip = await trips.ofReservation(said.personId, said.reservationId);
    if (trip?.operatorId !== operatorId) throw tripNotFound();
    const happenedAt = trip.course?.end?.at ?? trip.course?.start.at ?? trip.heldAt;
    const chargeId = chargeIdOf(operation.operationId, operation.startedAt);
    return service.charge({ ...said, chargeId, operatorId, systemId: trip.systemId, by: caller.clientId, happenedAt });
  }

  async list(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<Charge>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.charges.charges(operatorId, page);
  }

  async require(caller: Caller, operatorId: OperatorId, chargeId: ChargeId): Promise<Charge> {
    await this.#ports.door.operator(caller, operatorId);
    const charge = await this.#ports.charges.charge(chargeId);
    if (charge?.operatorId !== operatorId) throw chargeNotFound();
    return charge;
  }

  async listMine({ operatorId, personId }: Mine, page: PageRequest): Promise<Page<Charge>> {
    const found = await this.#ports.charges.chargesOf(operatorId, personId, page);
    if (found.items.length === 0) await requireOperator(this.#ports.setup, operatorId);
    return found;
  }

  async requireMine({ operatorId, personId }: Mine, chargeId: ChargeId): Promise<Charge> {
    const charge = await this.#ports.charges.charge(chargeId);
    const isTheirs = charge?.debtor.kind === 'person' && charge.debtor.personId === personId;
    if (charge === undefined || !isTheirs || charge.operatorId !== operatorId) throw chargeNotFound();
    return charge;
  }

  /** Once, within the days that the city allows. What was taken stays taken until somebody has decided. */
  async dispute(mine: Mine, chargeId: ChargeId, text: string): Promise<Charge> {
    const { charges, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.requireMine(mine, chargeId);
      if (seen.dispute?.text === text) return seen;
      if (seen.dispute !== undefined) throw disputedBefore();
      const at = clock.now();
      if (at > seen.disputableUntil) throw disputeTooLate(seen.disputableUntil);
      const next: Charge = { ...seen, dispute: { at, text }, version: seen.version + 1 };
      return (await charges.saveCharge(next, seen.version)) ? next : undefined;
    });
  }

  /** @param paymentMethod absent: that of the account */
  async pay(mine: Mine, chargeId: ChargeId, paymentId: string, paymentMethod?: string): Promise<Charge> {
    const { charges, debtors, service } = this.#ports;
    const { debtor } = await this.requireMine(mine, chargeId);
    const method = paymentMethod ?? (await debtors.find(mine.operatorId, debtor))?.paymentMethod;
    if (method === undefined) throw paymentMethodMissing();
    await this.#lookedAgain(chargeId);
    // Whatever was begun before is brought to its end.
    await service.settle(chargeId);
    await untilSaved(async () => {
      const seen = await this.requireMine(mine, chargeId);
      if (seen.payment.kind === 'paid') return true;
      if (seen.payment.kind === 'collecting') return undefined;
      if (seen.payment.kind !== 'owed') throw nothingOwed();
      return (await charges.saveCharge(withChargeAttempt(seen, paymentId, method), seen.version)) || undefined;
    });
    const charge = (await service.settle(chargeId)) ?? (await this.requireMine(mine, chargeId));
    if (charge.payment.kind === 'owed') throw debtNotPaid(charge.payment.reason);
    return charge;
  }

  /**
   * What is taken off goes back to whoever paid it, or is owed no more.
   *
   * @throws Failure `credit-above-invoice`, `charge-not-disputed` (nothing to uphold), `refund-refused`
   */
  async decide(caller: Caller, operatorId: OperatorId, chargeId: ChargeId, deciding: Deciding): Promise<Charge> {
    const { charges, service } = this.#ports;
    await this.require(caller, operatorId, chargeId);
    await this.#lookedAgain(chargeId);
    await service.settle(chargeId);
    await untilSaved(async () => {
      const seen = await this.require(caller, operatorId, chargeId);
      if (seen.payment.kind === 'collecting') return undefined;
      const next = this.#decided(seen, deciding, caller.clientId);
      return next === seen || (await charges.saveCharge(next, seen.version)) || undefined;
    });
    const charge = (await service.settle(chargeId)) ?? (await this.require(caller, operatorId, chargeId));
    if (charge.reductions.some(({ id, status }) => id === deciding.id && status === 'refused')) throw refundRefused();
    return charge;
  }

  #decided(seen: Charge, { kind, reason, amount, id }: Deciding, by: string): Charge {
    const isDecided = seen.dispute?.decision !== undefined;
    if (seen.reductions.some((one) => one.id === id)) return seen;
    const at = this.#ports.clock.now();
    const decision: Decision = { kind, at, by, reason };
    if (kind === 'uphold') {
      if (isSame(seen.dispute?.decision, decision)) return seen;
      if (seen.dispute === undefined || isDecided) throw nothingDisputed();
      return { ...seen, dispute: { ...seen.dispute, decision }, version: seen.version + 1 };
    }
    if (kind === 'reduce' && amount === undefined) throw reductionMissing();
    const left = reducible(seen);
    const off = kind === 'waive' ? left : (amount ?? 0);
    if (off > left || off === 0) throw reductionTooHigh(left, seen.currency);
    const next = reduced(seen, { id, at, amount: off, by, reason });
    return next.dispute === undefined || isDecided ? next : { ...next, dispute: { ...next.dispute, decision } };
  }

  async #lookedAgain(chargeId: ChargeId): Promise<void> {
    const { due, clock } = this.#ports;
    const now = clock.now();
    await due.call({ kind: 'charge', chargeId }, now + lookAgain, now);
  }
}

function isSame(one: Decision | undefined, { kind, by, reason }: Decision): boolean {
  return one !== undefined && one.kind === kind && one.by === by && one.reason === reason;
}
