import type { Clock, Instant } from '../../kernel/clock.ts';
import type { ReservationId } from '../sharing-id.ts';
import type { Trip } from '../trips/trip.ts';
import type { TripRepository } from '../trips/trip-repository.ts';
import { reservationNotPresent } from './booking-refusals.ts';
import type { BookingService } from './booking-service.ts';

export interface ForcedEndPorts {
  readonly bookings: Pick<BookingService, 'vehicle' | 'forceEnd'>;
  readonly trips: Pick<TripRepository, 'ofVehicle'>;
  readonly clock: Clock;
}

export interface ForcedEnd {
  readonly endedAt: Instant;
  /** Absent: nobody had it. */
  readonly reservationId?: ReservationId;
}

/** How many uses back one is looked for that was ended before: whoever heard no answer asks again soon. */
const lately = 10;

/** An operator takes a vehicle back. */
export class ForcedEndService {
  readonly #ports: ForcedEndPorts;

  constructor(ports: ForcedEndPorts) {
    this.#ports = ports;
  }

  /**
   * @param only the use that is meant: whoever has got the vehicle since keeps it, however often this is asked
   * @throws Failure `conflict` (`reservation-not-present`)
   */
  async end(vehicleId: string, only?: ReservationId): Promise<ForcedEnd> {
    const { bookings, clock } = this.#ports;
    const ended = await bookings.forceEnd(vehicleId, only);
    if (ended !== undefined) return { endedAt: clock.now(), reservationId: ended.assignment.reservationId };
    if (only === undefined) return { endedAt: clock.now() };
    const endedAt = await this.#endedBefore(vehicleId, only);
    if (endedAt === undefined) throw reservationNotPresent();
    return { endedAt, reservationId: only };
  }

  async #endedBefore(vehicleId: string, reservationId: ReservationId): Promise<Instant | undefined> {
    const { bookings, trips } = this.#ports;
    const { items } = await trips.ofVehicle(vehicleId, { limit: lately });
    const trip = items.find((one) => one.reservationId === reservationId);
    if (trip === undefined) return undefined;
    if (trip.release !== undefined) return forcedAt(trip);
    // A moment ago: its record has not heard of it yet.
    const { fence, assignment, moves = [], waiting = [] } = (await bookings.vehicle(vehicleId)) ?? {};
    if (fence !== trip.fence || assignment !== undefined) return undefined;
    return [...moves, ...waiting].findLast(({ reason }) => reason === 'forced')?.at;
  }
}

function forcedAt({ release }: Trip): Instant | undefined {
  return release?.why === 'forced' ? release.at : undefined;
}
