import type { PersonId } from '../../access/person.ts';
import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { BookingRepository } from '../bookings/booking-repository.ts';
import type { DueCalls } from '../due/due.ts';
import { requireOperator } from '../setup/known-operator.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import { lookAgain, withPayment } from './settlement.ts';
import type { SettlementService } from './settlement-service.ts';
import type { Trip } from './trip.ts';
import { debtNotPaid, nothingOwed, paymentMethodMissing, tripNotFound } from './trip-refusals.ts';
import type { TripRepository } from './trip-repository.ts';

export interface MyTripPorts {
  readonly trips: TripRepository;
  readonly bookings: Pick<BookingRepository, 'driver'>;
  readonly setup: Pick<SharingSetup, 'operator'>;
  readonly settlement: Pick<SettlementService, 'settle'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

/** A person's account with one operator. */
export interface Customer {
  readonly personId: PersonId;
  readonly operatorId: OperatorId;
}

/** What persons see of their trips, and how they pay what they owe. */
export class MyTripService {
  readonly #ports: MyTripPorts;

  constructor(ports: MyTripPorts) {
    this.#ports = ports;
  }

  /** The newest first; a page may be short. @throws Failure `not-found` (`operator-not-found`) */
  async list({ personId, operatorId }: Customer, page: PageRequest): Promise<Page<Trip>> {
    const found = await this.#ports.trips.ofPerson(personId, page);
    const items = found.items.filter((trip) => trip.operatorId === operatorId);
    if (items.length === 0) await requireOperator(this.#ports.setup, operatorId);
    return { ...found, items };
  }

  async require({ personId, operatorId }: Customer, reservationId: ReservationId): Promise<Trip> {
    const trip = await this.#ports.trips.ofReservation(personId, reservationId);
    if (trip === undefined || trip.operatorId !== operatorId) throw tripNotFound();
    return trip;
  }

  /**
   * Once, however often it is asked for.
   *
   * @param paymentId of this attempt: the same again goes on with it
   * @param paymentMethod absent: that of the account
   */
  async pay(
    customer: Customer,
    reservationId: ReservationId,
    paymentId: string,
    paymentMethod?: string,
  ): Promise<Trip> {
    const { trips, bookings, settlement, due, clock } = this.#ports;
    const { vehicleId, fence } = await this.require(customer, reservationId);
    const driver = await bookings.driver(customer.operatorId, customer.personId);
    const method = paymentMethod ?? driver?.paymentMethod;
    if (method === undefined) throw paymentMethodMissing();
    const now = clock.now();
    await due.call({ kind: 'settle', vehicleId, fence }, now + lookAgain, now);
    // Whatever was begun before is brought to its end.
    await settlement.settle({ vehicleId, fence });
    await untilSaved(async () => {
      const seen = await trips.load({ vehicleId, fence });
      if (seen?.payment.kind === 'paid') return true;
      if (seen?.payment.kind !== 'owed') throw nothingOwed();
      return (await trips.save(withPayment(seen, paymentId, method), seen.version)) || undefined;
    });
    const trip = (await settlement.settle({ vehicleId, fence })) ?? (await this.require(customer, reservationId));
    if (trip.payment.kind === 'owed') throw debtNotPaid(trip.payment.reason);
    return trip;
  }
}
