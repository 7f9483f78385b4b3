import type { Clock } from '../../kernel/clock.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import { cleared, grounded } from '../bookings/grounding.ts';
import type { Grounding } from './care-ports.ts';

/** By the vehicle's booking, which is what decides who may have it. */
export class BookingGrounding implements Grounding {
  readonly #bookings: Pick<BookingService, 'change'>;
  readonly #clock: Clock;

  constructor(bookings: Pick<BookingService, 'change'>, clock: Clock) {
    this.#bookings = bookings;
    this.#clock = clock;
  }

  async ground(vehicleId: string): Promise<void> {
    await this.#bookings.change(vehicleId, (vehicle) => grounded(vehicle, this.#clock.now()));
  }

  async clear(vehicleId: string): Promise<void> {
    await this.#bookings.change(vehicleId, cleared);
  }
}
