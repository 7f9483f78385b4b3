import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { PaymentBook } from '#shared/sharing/payments/payment-book.ts';
import type { PaymentBooks } from '#shared/sharing/payments/sandbox-payments.ts';
import type { Payable, ReservationId } from '#shared/sharing/sharing-id.ts';
import type { Trip, TripKey } from '#shared/sharing/trips/trip.ts';
import type { TripLog, TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';

/** Trips without a table. */
export class MemoryTrips implements TripRepository {
  readonly #trips = new Map<string, Trip>();

  async load({ vehicleId, fence }: TripKey): Promise<Trip | undefined> {
    return this.#trips.get(`${vehicleId} ${fence}`);
  }

  async save(trip: Trip, seen: number | undefined): Promise<boolean> {
    const key = `${trip.vehicleId} ${trip.fence}`;
    if (this.#trips.get(key)?.version !== seen) return false;
    this.#trips.set(key, trip);
    return true;
  }

  async ofVehicle(vehicleId: string, page: PageRequest): Promise<Page<Trip>> {
    const found = [...this.#trips.values()].filter((trip) => trip.vehicleId === vehicleId);
    return paged(found, (trip) => trip.fence, page);
  }

  async ofPerson(personId: string, page: PageRequest): Promise<Page<Trip>> {
    const found = [...this.#trips.values()].filter((trip) => trip.personId === personId);
    return paged(found, ({ reservationId }) => reservationId, page);
  }

  async ofReservation(personId: string, reservationId: ReservationId): Promise<Trip | undefined> {
    return [...this.#trips.values()].find((trip) => trip.personId === personId && trip.reservationId === reservationId);
  }
}

function paged(trips: Trip[], rank: (trip: Trip) => string | number, { limit, from = '0' }: PageRequest): Page<Trip> {
  const sorted = trips.toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1));
  const end = Number(from) + limit;
  const items = sorted.slice(Number(from), end);
  return end < sorted.length ? { items, next: String(end) } : { items };
}

export class MemoryTripLog implements TripLog {
  readonly #lines = new Map<string, TripEvent>();

  async add(events: readonly TripEvent[]): Promise<readonly TripEvent[]> {
    return events.filter((event) => {
      const key = [event.vehicleId, event.fence, event.boot, event.sequence].join(' ');
      const known = this.#lines.get(key);
      if (known === undefined) this.#lines.set(key, event);
      return known !== undefined && JSON.stringify(known) !== JSON.stringify(event);
    });
  }

  async ofTrip({ vehicleId, fence }: TripKey): Promise<readonly TripEvent[]> {
    return [...this.#lines.values()].filter((event) => event.vehicleId === vehicleId && event.fence === fence);
  }

  async since({ vehicleId, fence }: TripKey): Promise<readonly TripEvent[]> {
    return [...this.#lines.values()].filter((event) => event.vehicleId === vehicleId && event.fence >= fence);
  }
}

export class MemoryPaymentBooks implements PaymentBooks {
  readonly books = new Map<string, PaymentBook>();

  async load(reservationId: Payable): Promise<PaymentBook | undefined> {
    return this.books.get(reservationId);
  }

  async save(book: PaymentBook, seen: number | undefined): Promise<boolean> {
    if (this.books.get(book.reservationId)?.version !== seen) return false;
    this.books.set(book.reservationId, book);
    return true;
  }
}
