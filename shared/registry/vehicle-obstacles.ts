import type { Clock } from '../kernel/clock.ts';
import { isInstalling } from '../ota/updates/update.ts';
import type { UpdateRepository } from '../ota/updates/update-repository.ts';
import type { BookingRepository } from '../sharing/bookings/booking-repository.ts';
import type { Obstacle } from './move.ts';
import type { Obstacles } from './move-ports.ts';
import type { VehicleId } from './vehicle-id.ts';

/** What the services say that a vehicle is at. */
export class VehicleObstacles implements Obstacles {
  readonly #updates: Pick<UpdateRepository, 'ofVehicle'>;
  readonly #bookings: Pick<BookingRepository, 'vehicle'>;
  readonly #clock: Clock;

  constructor(
    updates: Pick<UpdateRepository, 'ofVehicle'>,
    bookings: Pick<BookingRepository, 'vehicle'>,
    clock: Clock,
  ) {
    this.#updates = updates;
    this.#bookings = bookings;
    this.#clock = clock;
  }

  async of(vehicleId: VehicleId): Promise<Obstacle | undefined> {
    const now = this.#clock.now();
    const [updates, booked] = await Promise.all([
      this.#updates.ofVehicle(vehicleId),
      this.#bookings.vehicle(vehicleId),
    ]);
    const { installing, assignment } = booked ?? {};
    // It may have been let begin, and has not said so yet.
    const mayInstall = installing !== undefined && installing.until >= now;
    if (mayInstall || updates.some(isInstalling)) return 'update-installing';
    // Who holds it may be on the way to it, with a key that is checked on board.
    const isHeld = assignment !== undefined && (assignment.startedAt !== undefined || assignment.expiresAt >= now);
    return isHeld ? 'trip-under-way' : undefined;
  }
}
