import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { BookingRepository } from '../bookings/booking-repository.ts';
import type { Driver } from '../bookings/driver.ts';
import type { OpenDebt, Payments } from '../payments/payments.ts';
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
  readonly clock: Clock;
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
    return await untilSaved<Trip | 'none'>(async () => {
      let trip = await trips.load(key);
      for (;;) {
        const step = trip === undefined ? undefined : nextStep(trip);
        if (trip === undefined || step === undefined) return trip ?? 'none';
        const after = await this.#taken(trip, step);
        if (!(await trips.save(after, trip.version))) return undefined;
        trip = after;
      }
    }).then((trip) => (trip === 'none' ? undefined : trip));
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
        const { kind } = await payments.refund(reservationId, amount, refundId);
        return withRefund(trip, { ...step.refund, status: kind });
      }
    }
  }

  /**
   * Makes the driver's item say what the trip says. The driver is read before the trip, and written even where nothing
   * changes: so who tells an older story finds another version, and looks again.
   */
  async #tell({ vehicleId, fence, operatorId, personId, reservationId }: Trip): Promise<void> {
    const { trips, bookings } = this.#ports;
    await untilSaved(async () => {
      const driver = await bookings.driver(operatorId, personId);
      // Erased: there is nobody to hold anything.
      if (driver === undefined) return true;
      const trip = await trips.load({ vehicleId, fence });
      const others = (driver.debts ?? []).filter((debt) => debt.reservationId !== reservationId);
      const debt = trip === undefined ? undefined : debtOf(trip);
      const nextDriver = withDebts(driver, debt === undefined ? others : [...others, debt]);
      const saved = await bookings.save({ driver: { seen: driver.version, next: nextDriver } });
      return saved || undefined;
    });
  }
}

function withDebts(driver: Driver, debts: readonly OpenDebt[]): Driver {
  const { debts: _, debtCurrency: __, ...rest } = driver;
  const debt = debts.reduce((sum, { amount }) => sum + amount, 0);
  const [first] = debts;
  const owed = first === undefined ? { debt: 0 } : { debt, debts, debtCurrency: first.currency };
  return { ...rest, ...owed, version: driver.version + 1 };
}
