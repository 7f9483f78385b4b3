import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { BookingRepository } from '../bookings/booking-repository.ts';
import { tellDebt } from '../payments/debt-teller.ts';
import type { Payments } from '../payments/payments.ts';
import {
  debtOf,
  nextStep,
  type SettlementStep,
  withBill,
  withCapture,
  withCollection,
  withRefund,
  withRelease,
  withTold,
} from './settlement.ts';
import type { Trip, TripKey } from './trip.ts';
import type { TripRepository } from './trip-repository.ts';

export interface SettlementPorts {
  readonly trips: Pick<TripRepository, 'load' | 'save'>;
  readonly bookings: Pick<BookingRepository, 'driver' | 'save'>;
  readonly payments: Payments;
  /** Is told of each trip that is settled, whenever somebody has looked at it. */
  readonly ledger: TripLedger;
  readonly clock: Clock;
}

export interface TripLedger {
  tripSettled(trip: Trip): Promise<unknown>;
}

/** Has a trip paid for: one step after the other, each written down before the next. */
export class SettlementService {
  readonly #ports: SettlementPorts;

  constructor(ports: SettlementPorts) {
    this.#ports = ports;
  }

  /** As far as it goes by now. May be called whenever and however often: it does what is left to be done. */
  async settle(key: TripKey): Promise<Trip | undefined> {
    const { trips } = this.#ports;
    const settled = await untilSaved<Trip | 'none'>(async () => {
      let trip = await trips.load(key);
      for (;;) {
        const step = trip === undefined ? undefined : nextStep(trip);
        if (trip === undefined || step === undefined) return trip ?? 'none';
        const after = await this.#taken(trip, step);
        if (!(await trips.save(after, trip.version))) return undefined;
        trip = after;
      }
    });
    if (settled === 'none') return undefined;
    // Who dies before is followed by whoever looks again: that was asked for before the trip changed.
    if (settled.state.status === 'settled') await this.#ports.ledger.tripSettled(settled);
    return settled;
  }

  /** The step, with whoever is to take it; a provider that does not answer throws, and the next call asks again. */
  async #taken(trip: Trip, step: SettlementStep): Promise<Trip> {
    const { payments, clock } = this.#ports;
    const { reservationId, terms } = trip;
    switch (step.kind) {
      case 'release':
        await payments.release(reservationId);
        return withRelease(trip, clock.now());
      case 'bill':
        return withBill(trip, clock.now());
      case 'capture':
        if (step.amount === 0) {
          await payments.release(reservationId);
          return withCapture(trip, { kind: 'captured' }, clock.now());
        }
        return withCapture(trip, await payments.capture(reservationId, step.amount), clock.now());
      case 'collect': {
        const { amount, paymentMethod, paymentId } = step;
        const { currency } = terms.plan;
        const outcome = await payments.collect(reservationId, amount, currency, paymentMethod, paymentId);
        return withCollection(trip, outcome, clock.now());
      }
      case 'tell':
        await this.#tell(trip);
        return withTold(trip);
      case 'refund': {
        const { refundId, amount } = step.refund;
        // Nothing was taken: the business is asked for less.
        if (trip.payment.kind === 'on-account') return withRefund(trip, { ...step.refund, status: 'refunded' });
        const { kind } = await payments.refund(reservationId, amount, refundId);
        return withRefund(trip, { ...step.refund, status: kind });
      }
    }
  }

  /** Makes the driver's item say what the trip says. */
  #tell({ vehicleId, fence, operatorId, personId, reservationId }: Trip): Promise<void> {
    const { trips, bookings } = this.#ports;
    return tellDebt(bookings, { operatorId, personId, payable: reservationId }, async () => {
      const trip = await trips.load({ vehicleId, fence });
      return trip === undefined ? undefined : debtOf(trip);
    });
  }
}
