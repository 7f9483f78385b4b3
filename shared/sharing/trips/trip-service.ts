import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import { canonical } from '../../twins/twin.ts';
import { type Assignment, type BookedVehicle, expiryGuard, type Move } from '../bookings/booked-vehicle.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { DueCalls } from '../due/due.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { courseOf } from './course.ts';
import { needsSettlement } from './settlement.ts';
import type { Release, Trip, TripKey } from './trip.ts';
import { isBehind } from './trip-log.ts';
import type { TripLog, TripRepository } from './trip-repository.ts';
import { judged } from './trip-state.ts';

export interface TripPorts {
  readonly setup: Pick<SharingSetup, 'plan' | 'system'>;
  readonly bookings: Pick<BookingService, 'vehicle' | 'vacate'>;
  readonly log: Pick<TripLog, 'ofTrip'>;
  readonly trips: Pick<TripRepository, 'load' | 'save'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

/** Keeps the record of each trip: of the hold by the stream of bookings, of the rest by the vehicle's log. */
export class TripService {
  readonly #ports: TripPorts;

  constructor(ports: TripPorts) {
    this.#ports = ports;
  }

  /**
   * A write of a booked vehicle, as the stream tells it: each at least once, those of one vehicle in their order.
   *
   * @param before undefined: there was no such vehicle
   */
  async changed(before: BookedVehicle | undefined, after: BookedVehicle): Promise<void> {
    const [was, is] = [before?.assignment, after.assignment];
    if (before !== undefined && was !== undefined && was.reservationId !== is?.reservationId) {
      await this.#released(before, was, after);
    }
    if (is !== undefined && !isSame(was, is)) await this.#assigned(after, is);
    // A log that was heard before the record of its trip was there.
    if (isFarther(before, after)) await this.refresh({ vehicleId: after.vehicleId, fence: after.fence });
  }

  /** Tells the trip what its vehicle's log says of it by now. Nothing where there is no such trip (yet). */
  async refresh(key: TripKey): Promise<void> {
    const { bookings, log, trips } = this.#ports;
    const trip = await untilSaved(async () => {
      const seen = await trips.load(key);
      const position = (await bookings.vehicle(key.vehicleId))?.log;
      if (seen === undefined || position === undefined) return seen ?? 'none';
      const known = (await log.ofTrip(key)).filter((event) => !isBehind(event, position));
      const course = courseOf(known.filter(({ reservationId }) => reservationId === seen.reservationId));
      if (course === undefined || canonical(course) === canonical(seen.course)) return seen;
      return this.#saved({ ...seen, course }, seen);
    });
    if (trip !== 'none') await this.#settleSoon(trip);
  }

  /**
   * What a partner says of the use of their vehicle: what it costs, or why nobody knows. What has been decided stays.
   *
   * @returns undefined where there is no such trip (yet)
   */
  async saidByPartner(
    key: TripKey,
    said: (trip: Omit<Trip, 'state'>) => Omit<Trip, 'state'>,
  ): Promise<Trip | undefined> {
    const trip = await untilSaved(async () => {
      const seen = await this.#ports.trips.load(key);
      const next = seen === undefined ? undefined : said(seen);
      if (seen === undefined || next === undefined) return 'none';
      return next === seen ? seen : this.#saved(next, seen);
    });
    if (trip === 'none') return undefined;
    await this.#settleSoon(trip);
    return trip;
  }

  async #assigned(vehicle: BookedVehicle, assignment: Assignment): Promise<void> {
    const key = { vehicleId: vehicle.vehicleId, fence: vehicle.fence };
    await untilSaved(async () => {
      const seen = await this.#ports.trips.load(key);
      if (seen === undefined) return this.#saved(await this.#held(vehicle, assignment), undefined);
      if (seen.bookingVersion >= vehicle.version) return seen;
      const { release: _, ...open } = seen;
      return this.#saved({ ...open, expiresAt: assignment.expiresAt, bookingVersion: vehicle.version }, seen);
    });
    await this.refresh(key);
  }

  async #released(before: BookedVehicle, was: Assignment, after: BookedVehicle): Promise<void> {
    const { trips, bookings, clock } = this.#ports;
    const key = { vehicleId: before.vehicleId, fence: before.fence };
    // Who released it may have died before the driver's half.
    await bookings.vacate({ operatorId: before.operatorId, personId: was.personId }, was.reservationId);
    const release = releaseOf(before, was, after, clock.now());
    const trip = await untilSaved(async () => {
      // The stream keeps the order of one vehicle, but the record of the hold may have been refused before.
      const seen = await trips.load(key);
      if (seen !== undefined && seen.bookingVersion >= after.version) return seen;
      const known = seen ?? (await this.#held(before, was));
      return this.#saved({ ...known, release, bookingVersion: after.version }, seen);
    });
    await this.#settleSoon(trip);
    if (trip.release?.why === 'forced') await this.#recallSoon(key);
  }

  /** It may run on board: the vehicle is told. */
  async #recallSoon(key: TripKey): Promise<void> {
    const { due, clock } = this.#ports;
    await due.call({ kind: 'recall', ...key }, clock.now(), clock.now());
  }

  async #settleSoon(trip: Trip): Promise<void> {
    if (!needsSettlement(trip)) return;
    const { due, clock } = this.#ports;
    const { vehicleId, fence } = trip;
    await due.call({ kind: 'settle', vehicleId, fence }, clock.now(), clock.now());
  }

  async #held(vehicle: BookedVehicle, assignment: Assignment): Promise<Omit<Trip, 'state'>> {
    const { setup } = this.#ports;
    const { vehicleId, fence, operatorId, systemId, vehicleTypeId, partner } = vehicle;
    const { reservationId, personId, heldAt, expiresAt, planId, planVersion, packageId, billTo } = assignment;
    const [system, plan] = await Promise.all([setup.system(systemId), setup.plan(systemId, planId, planVersion)]);
    if (system === undefined || plan === undefined) {
      throw new Error('The plan that a hold was made under is not to be found');
    }
    const { market, timeZone } = system;
    return {
      ...{ vehicleId, fence, reservationId, personId, operatorId, systemId, vehicleTypeId, heldAt, expiresAt },
      terms: { plan, market, timeZone, ...(packageId !== undefined && { packageId }) },
      ...(partner !== undefined && { partner }),
      ...(billTo !== undefined && { billTo }),
      ...{ bookingVersion: vehicle.version, payment: { kind: 'open' }, refunds: [], version: 0 },
    };
  }

  async #saved(trip: Omit<Trip, 'state'>, seen: Trip | undefined): Promise<Trip | undefined> {
    const next = judged({ ...trip, version: (seen?.version ?? 0) + 1 });
    return (await this.#ports.trips.save(next, seen?.version)) ? next : undefined;
  }
}

function isSame(one: Assignment | undefined, other: Assignment): boolean {
  return one?.reservationId === other.reservationId && one.expiresAt === other.expiresAt;
}

function isFarther(before: BookedVehicle | undefined, { log }: BookedVehicle): boolean {
  return log !== undefined && (before?.log === undefined || isBehind(log, before.log));
}

/** By what the write made happen, or will be told to have made happen once the vehicle is heard again. */
function releaseOf(before: BookedVehicle, was: Assignment, after: BookedVehicle, now: number): Release {
  const untold = (after.waiting ?? []).slice(before.waiting?.length ?? 0);
  // The last one: a vehicle that is heard again tells first what had waited.
  const release = [...after.moves, ...untold].map(releaseBy).findLast((one) => one !== undefined);
  if (release !== undefined) return release;
  if (was.startedAt !== undefined) return { why: 'forced', at: now };
  return was.expiresAt + expiryGuard < now ? { why: 'expired', at: was.expiresAt } : { why: 'cancelled', at: now };
}

function releaseBy({ event, at, reason }: Move): Release | undefined {
  const why = reason === undefined ? { at } : { at, reason };
  switch (event) {
    case 'trip_end':
      return { why: reason === 'forced' ? 'forced' : 'ended', ...why };
    case 'customer_cancellation':
    case 'driver_cancellation':
      return { why: 'cancelled', ...why };
    case 'provider_cancellation':
      return reason === 'hold_expired' ? { why: 'expired', at } : { why: 'forced', ...why };
    default:
      return undefined;
  }
}
