import type { Instant } from '../../kernel/clock.ts';
import type { HoldRules } from '../setup/system.ts';
import type { ReservationId } from '../sharing-id.ts';
import { type Assignment, type BookedVehicle, type Move, type ServiceReason, tellingGuard } from './booked-vehicle.ts';
import { driverBlocked, extensionsUsed, holdExpired, reservationNotFound, tripStarted } from './booking-refusals.ts';
import type { BookingStep } from './booking-repository.ts';
import { groundOf, happened, happenedLast } from './course.ts';
import type { Driver } from './driver.ts';
import { isOver, isVoid, keptRequests, unbarred } from './hold.ts';

/** Whose use it is: for everybody else there is none. */
export interface Holder {
  readonly reservationId: ReservationId;
  readonly personId: string;
}

/** A vehicle that somebody has. */
export type Assigned = BookedVehicle & { readonly assignment: Assignment };

export function isAssigned(vehicle: BookedVehicle, reservationId: ReservationId): vehicle is Assigned {
  return vehicle.assignment?.reservationId === reservationId;
}

/** @throws Failure `not-found` (`reservation-not-found`) */
export function requireHolder(vehicle: BookedVehicle | undefined, holder: Holder): Assigned {
  if (vehicle !== undefined && isAssigned(vehicle, holder.reservationId)) {
    if (vehicle.assignment.personId === holder.personId) return vehicle;
  }
  throw reservationNotFound();
}

/** How many extensions are known by what asked for them. */
export const rememberedExtensions = 3;

/** This very request was carried out before. */
export function isExtendedBy({ extendedBy = [] }: Pick<Assignment, 'extendedBy'>, operationId: string): boolean {
  return extendedBy.includes(operationId);
}

/**
 * Longer, for the same holder: the fence stays, and with it every key that was issued.
 *
 * @param operationId what asks for it; again it changes nothing, whatever has become of the use since
 */
export function extended(
  vehicle: Assigned,
  driver: Driver,
  rules: HoldRules,
  operationId: string,
  now: Instant,
): BookingStep {
  const { assignment } = vehicle;
  if (isExtendedBy(assignment, operationId)) return {};
  if (assignment.startedAt !== undefined) throw tripStarted();
  if (assignment.expiresAt <= now) throw holdExpired();
  if (assignment.extensions >= rules.extensions) throw extensionsUsed(rules.extensions);
  const expiresAt = assignment.expiresAt + rules.extensionMinutes * 60_000;
  const extendedBy = [operationId, ...(assignment.extendedBy ?? [])].slice(0, rememberedExtensions);
  const longer = { ...assignment, expiresAt, extensions: assignment.extensions + 1, extendedBy };
  const { reservationId } = assignment;
  return {
    vehicle: { seen: vehicle.version, next: reassigned(vehicle, longer) },
    driver: { seen: driver.version, next: activeUntil(driver, reservationId, expiresAt) },
  };
}

/**
 * A key may be issued that is good until then. Until the trip has started it ends with the hold, and from then on within
 * a day. Whoever has one keeps what they have until it is released.
 *
 * @param most the latest instant that the caller wants
 */
export function keyed(vehicle: Assigned, driver: Driver, now: Instant, most = now + longestKey): BookingStep {
  const { assignment } = vehicle;
  const latest = assignment.startedAt === undefined ? assignment.expiresAt : now + longestKey;
  if (latest <= now) throw holdExpired();
  // Who drives goes on; who has not begun does not begin.
  if (assignment.startedAt === undefined && driver.standing === 'blocked') throw driverBlocked();
  const until = Math.min(latest, most);
  const keyUntil = Math.max(assignment.keyUntil ?? 0, until);
  const { reservationId } = assignment;
  const isKnown = driver.active?.reservationId === reservationId && driver.active.keyed === true;
  // The same key once more, for a phone that lost it.
  if (isKnown && keyUntil === assignment.keyUntil) return {};
  return {
    vehicle: { seen: vehicle.version, next: reassigned(vehicle, { ...assignment, keyUntil }) },
    ...(!isKnown && { driver: { seen: driver.version, next: keyHolder(driver, assignment, vehicle.vehicleId) } }),
  };
}

/** 24 hours. */
const longestKey = 86_400_000;

/** By whom has it. A key that was issued stands in the way of the next holder until it is void. */
export function cancelled(vehicle: Assigned, now: Instant): BookedVehicle {
  if (vehicle.assignment.startedAt !== undefined) throw tripStarted();
  return released(vehicle, [{ event: 'customer_cancellation', at: now }], now);
}

/**
 * What nobody came for. Undefined where it is not over yet, or was started; or where a key was issued and the vehicle
 * is silent, or may have told of a start that was not heard yet: they may be driving it.
 */
export function expired(vehicle: BookedVehicle, now: Instant): BookedVehicle | undefined {
  const { assignment, silentSince } = vehicle;
  if (assignment === undefined || assignment.startedAt !== undefined) return undefined;
  if (!isOver(assignment.expiresAt, now)) return undefined;
  const { keyUntil } = assignment;
  const mayBeTold = keyUntil !== undefined && keyUntil + tellingGuard >= now;
  const isOpen = keyUntil !== undefined && !isVoid(vehicle) && (mayBeTold || silentSince !== undefined);
  if (isOpen) return undefined;
  const moves: Move[] = [{ event: 'provider_cancellation', at: now, reason: 'hold_expired' }];
  return released({ ...vehicle, assignment }, moves, now);
}

/** Before anybody came for it, by whoever would have had to let them: why is told. */
export function withdrawn(vehicle: Assigned, reason: string, now: Instant): BookedVehicle {
  return released(vehicle, [{ event: 'provider_cancellation', at: now, reason }], now);
}

/** A hold that somebody else will not grant as long as we would. Undefined where it is not longer. */
export function shortened(vehicle: Assigned, until: Instant): BookedVehicle | undefined {
  const { assignment } = vehicle;
  if (assignment.startedAt !== undefined || assignment.expiresAt <= until) return undefined;
  return reassigned(vehicle, { ...assignment, expiresAt: until });
}

/** Far enough to be never: until the vehicle itself says that it admits others alone. */
export const untilItSays = 253_402_300_799_000;

/**
 * By the operator, whatever stands against it. A trip that runs on board goes on until the vehicle stands still, and
 * nobody else has it before it says that it has ended.
 */
export function forcedEnd(vehicle: Assigned, now: Instant): BookedVehicle {
  const { assignment } = vehicle;
  const reason = 'forced';
  if (assignment.startedAt === undefined) {
    return released(vehicle, [{ event: 'provider_cancellation', at: now, reason }], now);
  }
  const stop: Move[] = groundOf(vehicle) === 'on_trip' ? [{ event: 'trip_stop', at: now, reason }] : [];
  // Whoever goes to fetch it finds it driven, maybe: that is no workshop.
  const next = released(vehicle, [...stop, { event: 'trip_end', at: now, reason }], now, 'recovery');
  return assignment.keyUntil === undefined ? next : { ...next, barredUntil: untilItSays, barredSince: now };
}

/** Nobody has it for the cloud, and it has said neither that the trip is over nor that it admits others alone. */
export function mayRunOnBoard(vehicle: BookedVehicle): boolean {
  return vehicle.assignment === undefined && vehicle.barredUntil === untilItSays && !isVoid(vehicle);
}

/** Nobody has it any more. @param why it leaves service, where it is grounded */
function released(
  vehicle: Assigned,
  moves: readonly Move[],
  now: Instant,
  why: ServiceReason = 'maintenance',
): BookedVehicle {
  const { assignment, chargeLow: _, ...rest } = vehicle;
  const { keyUntil } = assignment;
  const bar = keyUntil === undefined || isVoid(vehicle) ? {} : { barredUntil: keyUntil, barredSince: now };
  return { ...happenedLast(unbarred(rest), moves, now, why), ...bar, revision: vehicle.revision + 1 };
}

/** The driver's half of a release. Undefined where they have it no more. The keys of former requests go, but the newest. */
export function vacated(driver: Driver, reservationId: ReservationId): Driver | undefined {
  if (driver.active?.reservationId !== reservationId) return undefined;
  const { active: _, ...rest } = driver;
  return { ...rest, requests: driver.requests.slice(0, keptRequests), version: driver.version + 1 };
}

function reassigned(vehicle: BookedVehicle, assignment: Assignment): BookedVehicle {
  return { ...happened(vehicle, []), assignment, revision: vehicle.revision + 1 };
}

function activeUntil(driver: Driver, reservationId: ReservationId, until: Instant): Driver {
  if (driver.active?.reservationId !== reservationId) throw reservationNotFound();
  return { ...driver, active: { ...driver.active, until }, version: driver.version + 1 };
}

function keyHolder(driver: Driver, { reservationId, expiresAt }: Assignment, vehicleId: string): Driver {
  const { active } = driver;
  // Their hold was over for their own next one, and they have that.
  if (active !== undefined && active.reservationId !== reservationId) throw reservationNotFound();
  return {
    ...driver,
    active: { reservationId, vehicleId, until: expiresAt, keyed: true },
    version: driver.version + 1,
  };
}
