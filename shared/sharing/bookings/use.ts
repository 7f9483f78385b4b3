import type { Instant } from '../../kernel/clock.ts';
import { isPossible, type MdsEvent } from '../mds.ts';
import type { ReservationId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import type { BookedVehicle, LogPosition, Move } from './booked-vehicle.ts';
import { groundOf, happened } from './course.ts';
import { isVoid, unbarred } from './hold.ts';
import { type Assigned, isAssigned, untilItSays } from './reservation.ts';

/** One line of the vehicle's log, as it concerns a booking. */
export interface Logged {
  readonly reservationId: ReservationId;
  readonly fence: number;
  /** The vehicle's own time, which counts. */
  readonly at: Instant;
  /** Where the line stands in the log. */
  readonly position: LogPosition;
  /** Where the vehicle was. */
  readonly where?: Place;
  /** When it was read: a silent vehicle is heard of then. */
  readonly readAt: Instant;
}

/*
 * What the log says, line by line in the order of the log. Each returns the next state, in which the line is known. Of a
 * use that is not the present one (another fence, or released meanwhile) nothing else is taken over: `isPresent` says so
 * beforehand, and its trip is to be settled and looked at. What the table does not have is no move: a log is read on.
 */

export function started(vehicle: BookedVehicle, logged: Logged): BookedVehicle {
  if (!isPresent(vehicle, logged)) return known(drivenOn(vehicle, logged), logged, []);
  const { assignment } = vehicle;
  if (assignment.startedAt !== undefined) return known(vehicle, logged, []);
  const next = known(vehicle, logged, ['reservation_stop', 'trip_start']);
  return { ...next, assignment: { ...assignment, startedAt: logged.at }, revision: vehicle.revision + 1 };
}

export function paused(vehicle: BookedVehicle, logged: Logged): BookedVehicle {
  return known(vehicle, logged, isPresent(vehicle, logged) ? ['trip_stop'] : []);
}

export function resumed(vehicle: BookedVehicle, logged: Logged): BookedVehicle {
  return known(vehicle, logged, isPresent(vehicle, logged) ? ['trip_resume'] : []);
}

export function chargingStarted(vehicle: BookedVehicle, logged: Logged): BookedVehicle {
  return known(vehicle, logged, ['charging_start']);
}

export function chargingEnded(vehicle: BookedVehicle, logged: Logged): BookedVehicle {
  return known(vehicle, logged, ['charging_end']);
}

/** Nobody has it, and no key up to this fence opens it any more: the vehicle has seen to that itself. */
export function ended(vehicle: BookedVehicle, logged: Logged, reason?: string): BookedVehicle {
  const here = { ...vehicle, admits: Math.max(vehicle.admits, logged.fence + 1) };
  if (!isPresent(here, logged)) return known(unbarredIfVoid(here), logged, []);
  const { assignment: _, chargeLow: __, grounded, ...free } = here;
  const next = known(free, logged, [...waysToStop(here), 'trip_end'], reason);
  const last = grounded === true ? takenOut(next, logged) : next;
  return { ...unbarredIfVoid(last), revision: vehicle.revision + 1 };
}

/** What is grounded leaves service in the same write: nobody has it in between. The version is that of one write. */
function takenOut(vehicle: BookedVehicle, { at }: Logged): BookedVehicle {
  const reason = 'maintenance';
  const { moves, version } = vehicle;
  if (groundOf(vehicle) !== 'available') return vehicle;
  const next = happened(vehicle, [{ event: 'service_end', at, reason }]);
  return { ...next, moves: [...moves, ...next.moves], version, outOfService: reason };
}

/** Wherever its log has left it: also where it says nothing of a start, nobody has it from now on. */
function waysToStop(vehicle: BookedVehicle): readonly MdsEvent[] {
  const ground = groundOf(vehicle);
  if (ground === 'reserved') return ['reservation_stop'];
  return ground === 'on_trip' ? ['trip_stop'] : [];
}

/** Whether the line is of who has the vehicle now. */
export function isPresent(
  vehicle: BookedVehicle,
  { reservationId, fence }: Pick<Logged, 'reservationId' | 'fence'>,
): vehicle is Assigned {
  return vehicle.fence === fence && isAssigned(vehicle, reservationId);
}

/** Whether the line was read before. */
export function isRead({ log }: BookedVehicle, { boot, sequence }: LogPosition): boolean {
  return log !== undefined && (boot < log.boot || (boot === log.boot && sequence <= log.sequence));
}

/** What is known of its log belongs to a control unit that it has no more. Undefined where nothing is. */
export function withoutLog(vehicle: BookedVehicle): BookedVehicle | undefined {
  if (vehicle.log === undefined) return undefined;
  const { log: _, ...rest } = happened(vehicle, []);
  return rest;
}

/** It has said that it admits nobody below this fence. Undefined where that is not new. */
export function admitted(vehicle: BookedVehicle, minimumFence: number): BookedVehicle | undefined {
  if (minimumFence <= vehicle.admits) return undefined;
  return unbarredIfVoid({ ...happened(vehicle, []), admits: minimumFence });
}

function known(vehicle: BookedVehicle, logged: Logged, events: readonly MdsEvent[], reason?: string): BookedVehicle {
  const { silentSince: _, quietPlace: __, ...here } = vehicle;
  const { at, where } = logged;
  const said = { at, ...(reason !== undefined && { reason }), ...(where !== undefined && { where }) };
  const [first] = events;
  const isMove = first !== undefined && isPossible({ state: groundOf(vehicle) }, first);
  const moves = isMove ? events.map((event): Move => ({ event, ...said })) : [];
  const back: readonly Move[] =
    vehicle.state === 'non_contactable' ? [{ event: 'comms_restored', at: logged.readAt }] : [];
  return { ...happened(here, [...back, ...moves]), log: logged.position };
}

/** The last holder drives what the cloud has taken back, and nobody else since: it is nobody else's before it has ended. */
function drivenOn(vehicle: BookedVehicle, { fence, readAt }: Logged): BookedVehicle {
  const isLast = vehicle.fence === fence && vehicle.assignment === undefined && !isVoid(vehicle);
  return isLast ? { ...vehicle, barredUntil: untilItSays, barredSince: vehicle.barredSince ?? readAt } : vehicle;
}

function unbarredIfVoid(vehicle: BookedVehicle): BookedVehicle {
  return isVoid(vehicle) ? unbarred(vehicle) : vehicle;
}
