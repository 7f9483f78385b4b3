import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { DueCalls } from '../due/due.ts';
import type { Bill } from '../prices/bill.ts';
import type { SharingDoor } from '../setup/acting.ts';
import { refundable } from './receipts.ts';
import { lookAgain, withForgiveness, withRefund, withVerdict } from './settlement.ts';
import type { SettlementService } from './settlement-service.ts';
import type { Trip, TripKey, Verdict } from './trip.ts';
import {
  amountNotPossible,
  amountUnknown,
  endImpossible,
  endUnknown,
  nothingOwed,
  refundRefused,
  refundTooHigh,
  tripNotFound,
  tripNotToReview,
} from './trip-refusals.ts';
import type { TripRepository } from './trip-repository.ts';

export interface DeskPorts {
  readonly trips: TripRepository;
  readonly door: Pick<SharingDoor, 'operator' | 'vehicle'>;
  readonly settlement: Pick<SettlementService, 'settle'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

/** Who decides, and in which words. */
export interface Deciding {
  readonly caller: Caller;
  readonly reason: string;
}

/** What an operator says of a trip that it settles. */
export type Settled = Pick<Extract<Verdict, { kind: 'settle' }>, 'endedAt' | 'amount'>;

function named({ partnerBill, partnerDoubt }: Trip): Bill | undefined {
  return partnerBill ?? partnerDoubt?.bill;
}

/** What operators do with trips: they look at them, decide about doubtful ones, give back, and forgive. */
export class TripDesk {
  readonly #ports: DeskPorts;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  /** Those of the operator that the vehicle is of now; a page may be short. */
  async list(caller: Caller, vehicleId: string, page: PageRequest): Promise<Page<Trip>> {
    const { operatorId } = await this.#ports.door.vehicle(caller, vehicleId);
    const found = await this.#ports.trips.ofVehicle(vehicleId, page);
    return { ...found, items: found.items.filter((trip) => trip.operatorId === operatorId) };
  }

  async require(caller: Caller, key: TripKey): Promise<Trip> {
    const trip = await this.#ports.trips.load(key);
    if (trip === undefined) throw tripNotFound();
    try {
      await this.#ports.door.operator(caller, trip.operatorId);
    } catch (error) {
      // Another operator's trip does not exist for them.
      throw error instanceof Failure && error.kind === 'not-found' ? tripNotFound() : error;
    }
    return trip;
  }

  /** @param so `endedAt`: absent, when the vehicle said; `amount`: absent, what a partner named for its own vehicle */
  review(key: TripKey, { caller, reason }: Deciding, decision: Verdict['kind'], so: Settled = {}): Promise<Trip> {
    const { endedAt, amount } = so;
    return this.#decided(caller, key, (trip) => {
      if (trip.verdict?.kind === decision && trip.verdict.by === caller.clientId) return trip;
      if (trip.state.status !== 'to-review') throw tripNotToReview(trip.state.status);
      const said = { at: this.#ports.clock.now(), by: caller.clientId, reason };
      if (decision === 'waive') return withVerdict(trip, { kind: 'waive', ...said });
      if (endedAt === undefined && trip.course?.end === undefined) throw endUnknown();
      this.#requirePossible(trip, endedAt);
      if (amount !== undefined && trip.partner === undefined) throw amountNotPossible();
      if (amount === undefined && trip.partner !== undefined && named(trip) === undefined) throw amountUnknown();
      return withVerdict(trip, { kind: 'settle', ...said, ...so });
    });
  }

  async refund(key: TripKey, { caller, reason }: Deciding, amount: number, refundId: string): Promise<Trip> {
    const known = (trip: Trip) => trip.refunds.find((refund) => refund.refundId === refundId);
    const trip = await this.#decided(caller, key, (seen) => {
      if (known(seen) !== undefined) return seen;
      const left = refundable(seen);
      if (amount > left) throw refundTooHigh(left, seen.terms.plan.currency);
      const at = this.#ports.clock.now();
      return withRefund(seen, { refundId, amount, at, by: caller.clientId, reason, status: 'begun' });
    });
    if (known(trip)?.status === 'refused') throw refundRefused();
    return trip;
  }

  async forgive(key: TripKey, { caller, reason }: Deciding): Promise<Trip> {
    // Who pays at this very moment either owes nothing afterwards, or what they owed before.
    await this.#ports.settlement.settle(key);
    return this.#decided(caller, key, (trip) => {
      if (trip.payment.kind === 'forgiven') return trip;
      if (trip.payment.kind !== 'owed') throw nothingOwed();
      return withForgiveness(trip, caller.clientId, reason, this.#ports.clock.now());
    });
  }

  /** What was decided is written down, and done at once as far as it goes; the rest by whoever looks again. */
  async #decided(caller: Caller, key: TripKey, decide: (trip: Trip) => Trip): Promise<Trip> {
    const { trips, due, settlement, clock } = this.#ports;
    const now = clock.now();
    await due.call({ kind: 'settle', vehicleId: key.vehicleId, fence: key.fence }, now + lookAgain, now);
    await untilSaved(async () => {
      const seen = await this.require(caller, key);
      const decided = decide(seen);
      return decided === seen || (await trips.save(decided, seen.version)) || undefined;
    });
    return (await settlement.settle(key)) ?? this.require(caller, key);
  }

  #requirePossible({ course }: Trip, endedAt: number | undefined): void {
    if (endedAt === undefined || course === undefined) return;
    if (endedAt < course.start.at) throw endImpossible('is before the start');
    if (endedAt > this.#ports.clock.now()) throw endImpossible('is not yet');
    if (course.end !== undefined && endedAt > course.end.at) throw endImpossible('is after the end that was told');
  }
}
