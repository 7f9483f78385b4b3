import type { Clock, Instant } from '../../kernel/clock.ts';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import { isOver, isVoid } from '../bookings/hold.ts';
import type { DueCalls } from '../due/due.ts';
import type { ReservationId } from '../sharing-id.ts';
import type { Trip, TripKey } from './trip.ts';
import type { TripRepository } from './trip-repository.ts';

/** The way to a vehicle. */
export interface TripOrders {
  /** Ends the trip of this reservation if one is on and the vehicle stands still; it is dropped on the way after `until`. */
  end(vehicleId: VehicleId, reservationId: ReservationId, now: Instant, until: Instant): Promise<void>;
}

export interface TripOrderPorts {
  readonly trips: Pick<TripRepository, 'load'>;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly orders: TripOrders;
  readonly clock: Clock;
}

export interface RecallPorts extends TripOrderPorts {
  readonly due: DueCalls;
}

/** ms: a vehicle that moves, or is silent, is told again; the longer it takes, the less often. */
const soonest = 60_000;
const latest = 15 * 60_000;

/** Tells vehicles that were taken back by force to end what runs on board, until they have. */
export class RecallService {
  readonly #ports: RecallPorts;

  constructor(ports: RecallPorts) {
    this.#ports = ports;
  }

  async recall(key: TripKey): Promise<'told' | 'over'> {
    const { due, clock } = this.#ports;
    const now = clock.now();
    const trip = await tellToEnd(this.#ports, key, now);
    if (trip === undefined) return 'over';
    const again = now + Math.min(Math.max((now - (trip.release?.at ?? now)) / 4, soonest), latest);
    await due.call({ kind: 'recall', ...key }, again, now);
    return 'told';
  }
}

/** @returns the trip that its vehicle was told to end; undefined where there is nothing to end */
export async function tellToEnd(ports: TripOrderPorts, key: TripKey, now: Instant): Promise<Trip | undefined> {
  const { trips, bookings, orders } = ports;
  const { vehicleId } = key;
  const [trip, vehicle] = await Promise.all([trips.load(key), bookings.vehicle(vehicleId)]);
  if (!isVehicleId(vehicleId) || trip === undefined || !mayRun(trip, vehicle, now)) return undefined;
  // Two orders at a time would be answered twice, and no more.
  await orders.end(vehicleId, trip.reservationId, now, now + soonest);
  return trip;
}

/** Whether its driver's key opens the vehicle still, or drives it, after an operator has taken it back. */
function mayRun({ release, course, fence }: Trip, vehicle: BookedVehicle | undefined, now: Instant): boolean {
  if (release?.why !== 'forced' || course?.end !== undefined) return false;
  if (vehicle === undefined || vehicle.fence !== fence || vehicle.assignment !== undefined || isVoid(vehicle))
    return false;
  return vehicle.barredUntil !== undefined && (course !== undefined || !isOver(vehicle.barredUntil, now));
}
