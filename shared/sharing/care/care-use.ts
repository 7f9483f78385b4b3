import type { Instant } from '../../kernel/clock.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import { reservationNotFound } from '../bookings/booking-refusals.ts';
import type { BookingService, Claimant } from '../bookings/booking-service.ts';
import { groundOf } from '../bookings/course.ts';
import type { Assigned } from '../bookings/reservation.ts';
import type { OperatorId, ReservationId, SystemId } from '../sharing-id.ts';
import type { Trip } from '../trips/trip.ts';
import type { TripRepository } from '../trips/trip-repository.ts';

/** One use of a vehicle, as far as care asks. */
export interface CareUse {
  readonly reservationId: ReservationId;
  readonly operatorId: OperatorId;
  readonly systemId: SystemId;
  readonly vehicleId: string;
  readonly personId: string;
  readonly heldAt: Instant;
  readonly startedAt?: Instant;
  readonly state: UseState;
}

export type UseState =
  | { readonly status: 'held' }
  | { readonly status: 'running'; readonly paused: boolean }
  /** `at`: when it ended, or was released. */
  | { readonly status: 'over'; readonly at: Instant };

export interface CareUsePorts {
  readonly bookings: Pick<BookingService, 'active' | 'vehicle'>;
  readonly trips: Pick<TripRepository, 'ofReservation' | 'ofVehicle'>;
}

/** How many uses back of a vehicle one is looked for: a busy one has ten a day. */
const mostLooks = 4;
const pageSize = 50;

/** Who has or had a vehicle, and when. */
export class CareUses {
  readonly #ports: CareUsePorts;

  constructor(ports: CareUsePorts) {
    this.#ports = ports;
  }

  /** @throws Failure `not-found` (`reservation-not-found`) for everybody but who has or had it */
  async require(claimant: Claimant, reservationId: ReservationId): Promise<CareUse> {
    const { bookings, trips } = this.#ports;
    const vehicle = await bookings.active(claimant);
    if (vehicle?.assignment.reservationId === reservationId) return presentUse(vehicle);
    const trip = await trips.ofReservation(claimant.personId, reservationId);
    if (trip === undefined || trip.operatorId !== claimant.operatorId) throw reservationNotFound();
    return pastUse(trip);
  }

  /** Who has it at this moment; undefined where nobody does. */
  async present(vehicleId: string): Promise<CareUse | undefined> {
    const vehicle = await this.#ports.bookings.vehicle(vehicleId);
    return vehicle === undefined || !isHad(vehicle) ? undefined : presentUse(vehicle);
  }

  /** Those in which it was driven, the newest first. @param enough whether these are all that are wanted */
  async driven(vehicleId: string, enough: (uses: readonly CareUse[]) => boolean): Promise<readonly CareUse[]> {
    let uses: readonly CareUse[] = [];
    let from: string | undefined;
    for (let look = 1; look <= mostLooks; look++) {
      const page = { limit: pageSize, ...(from !== undefined && { from }) };
      const { items, next } = await this.#ports.trips.ofVehicle(vehicleId, page);
      uses = [...uses, ...items.filter(({ course }) => course !== undefined).map(pastUse)];
      if (next === undefined || enough(uses)) break;
      from = next;
    }
    return uses;
  }

  /** A use of this vehicle in which it was driven, whoever it was, and that had begun by then. */
  async drivenOne(vehicleId: string, reservationId: ReservationId, by: Instant): Promise<CareUse | undefined> {
    const isIt = ({ startedAt = by, ...use }: CareUse) => use.reservationId === reservationId && startedAt <= by;
    return (await this.driven(vehicleId, (uses) => uses.some(isIt))).find(isIt);
  }
}

function isHad(vehicle: BookedVehicle): vehicle is Assigned {
  return vehicle.assignment !== undefined;
}

function presentUse(vehicle: Assigned): CareUse {
  const { vehicleId, operatorId, systemId, assignment } = vehicle;
  const { reservationId, personId, heldAt, startedAt } = assignment;
  const ids = { reservationId, operatorId, systemId, vehicleId, personId, heldAt };
  if (startedAt === undefined) return { ...ids, state: { status: 'held' } };
  return { ...ids, startedAt, state: { status: 'running', paused: groundOf(vehicle) !== 'on_trip' } };
}

function pastUse(trip: Trip): CareUse {
  const { reservationId, operatorId, systemId, vehicleId, personId, heldAt, expiresAt, course, release } = trip;
  const ids = { reservationId, operatorId, systemId, vehicleId, personId, heldAt };
  const begun = course === undefined ? ids : { ...ids, startedAt: course.start.at };
  const end = course?.end?.at ?? release?.at;
  if (end !== undefined) return { ...begun, state: { status: 'over', at: end } };
  if (course === undefined) return { ...begun, state: { status: 'over', at: expiresAt } };
  return { ...begun, state: { status: 'running', paused: course.pausedSince !== undefined } };
}

/** Whether a use is over for longer than this, in ms. */
export function isLongOver({ state }: CareUse, longer: number, now: Instant): boolean {
  return state.status === 'over' && state.at + longer < now;
}
