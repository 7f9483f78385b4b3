import type { Instant } from '../../kernel/clock.ts';
import type { BookedVehicle, Move } from '../bookings/booked-vehicle.ts';
import { groundOf } from '../bookings/course.ts';
import { bookableState } from '../bookings/hold.ts';
import type { MdsEvent } from '../mds.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Span } from './tally.ts';
import type { TaskId } from './task-id.ts';

/** How a vehicle's time is counted; undefined: not at all, as it is in no fleet. */
export type Use = 'available' | 'reserved' | 'onTrip' | 'outOfService';

/** What was counted of a vehicle so far, and what was raised for it. */
export interface VehicleWatch {
  readonly vehicleId: string;
  readonly systemId: SystemId;
  /** Of the booking; everything up to it is known. */
  readonly bookingVersion: number;
  readonly use?: Use;
  /** Everything before is counted. */
  readonly at: Instant;
  /** While somebody has it: where they took it. Else it is where it stands. */
  readonly zoneId?: string;
  /** Since when anybody could hold it. */
  readonly freeSince?: Instant;
  /** By its word, the task for each cause that there is. */
  readonly causes: Readonly<Record<string, TaskId>>;
  /** Rises with each write. */
  readonly version: number;
}

export interface Followed {
  readonly next: VehicleWatch;
  readonly spans: readonly Span[];
  /** Somebody held it: how long it had stood. */
  readonly idles: readonly Idle[];
  /** Somebody has begun to drive it. */
  readonly driven: boolean;
}

export interface Idle {
  readonly at: Instant;
  readonly ms: number;
  readonly zoneId?: string;
}

/** A vehicle of which nothing is known yet: nothing before this is counted. */
export function newWatch({ vehicleId, systemId }: BookedVehicle, at: Instant): VehicleWatch {
  return { vehicleId, systemId, bookingVersion: -1, at, causes: {}, version: 0 };
}

/**
 * One more write of its booking. Moves count by the time at which they happened, however late they are told: what passed
 * before is open until then. Time never runs backwards: what happened before what is counted takes no time.
 *
 * @param here the zone where it stands
 */
export function followed(
  watch: VehicleWatch,
  before: BookedVehicle | undefined,
  after: BookedVehicle,
  here: string | undefined,
  now: Instant,
): Followed {
  const spans: Span[] = [];
  const idles: Idle[] = [];
  let seen = watch;
  let driven = false;
  const reach = (use: Use | undefined, told: Instant) => {
    const at = Math.max(seen.at, Math.min(told, now));
    const zoneId = isHad(seen.use) ? seen.zoneId : here;
    const zone = zoneId === undefined ? {} : { zoneId };
    if (seen.use !== undefined && at > seen.at) spans.push({ as: seen.use, from: seen.at, to: at, ...zone });
    if (seen.use === 'available' && use === 'reserved') idles.push({ at, ms: at - (seen.freeSince ?? at), ...zone });
    driven ||= use === 'onTrip' && seen.use !== 'onTrip';
    seen = reached(seen, use, at, zoneId);
  };
  const moves = happenedSince(before, after);
  for (const { event, at } of moves) reach(useAfter(event, seen.use), at);
  const use = useOf(after);
  // What no move has told, as where a hold ends that nobody can follow: since the last one, however late this is heard.
  if (use !== seen.use) reach(use, moves.at(-1)?.at ?? now);
  return { next: { ...seen, bookingVersion: after.version, version: watch.version + 1 }, spans, idles, driven };
}

/** Everything up to an instant, while nothing happens: long idleness is counted in pieces. */
export function countedUpTo(
  watch: VehicleWatch,
  at: Instant,
  here: string | undefined,
): Pick<Followed, 'next' | 'spans'> {
  const { use } = watch;
  const zoneId = isHad(use) ? watch.zoneId : here;
  const zone = zoneId === undefined ? {} : { zoneId };
  const spans = use === undefined || at <= watch.at ? [] : [{ as: use, from: watch.at, to: at, ...zone }];
  return { spans, next: { ...watch, at: Math.max(at, watch.at), version: watch.version + 1 } };
}

/** Somebody has it: wherever it is, its time counts where they took it. */
export function isHad(use: Use | undefined): boolean {
  return use === 'reserved' || use === 'onTrip';
}

/** What counts of it from now on. */
export function useOf(vehicle: BookedVehicle): Use | undefined {
  const ground = groundOf(vehicle);
  switch (ground) {
    case 'reserved':
      return 'reserved';
    case 'stopped':
    case 'on_trip':
      return 'onTrip';
    case 'available':
      return bookableState(vehicle) === 'available' ? 'available' : 'outOfService';
    case 'removed':
      return vehicle.outOfService === 'decommissioned' ? undefined : 'outOfService';
    case 'non_operational':
    case 'elsewhere':
    case 'non_contactable':
      return 'outOfService';
  }
}

function reached(seen: VehicleWatch, use: Use | undefined, at: Instant, zoneId: string | undefined): VehicleWatch {
  const { use: _, zoneId: __, freeSince: since, ...rest } = seen;
  const free = use === 'available' ? { freeSince: seen.use === 'available' ? (since ?? at) : at } : {};
  const frozen = isHad(use) && zoneId !== undefined ? { zoneId } : {};
  return { ...rest, at, ...(use !== undefined && { use }), ...free, ...frozen };
}

/** With what happened while it was away and waits to be told; without what was told now and had waited before. */
function happenedSince(before: BookedVehicle | undefined, after: BookedVehicle): readonly Move[] {
  const waited = before?.waiting ?? [];
  const untold = (after.waiting ?? []).slice(waited.length);
  const isKnown = (move: Move) => waited.some(({ event, at }) => event === move.event && at === move.at);
  return [...after.moves.filter((move) => !isKnown(move)), ...untold];
}

function useAfter(event: MdsEvent, use: Use | undefined): Use | undefined {
  switch (event) {
    case 'service_start':
    case 'trip_end':
    case 'customer_cancellation':
    case 'driver_cancellation':
    case 'provider_cancellation':
      return 'available';
    case 'reservation_start':
      return 'reserved';
    case 'reservation_stop':
    case 'trip_start':
    case 'trip_stop':
    case 'trip_resume':
      return 'onTrip';
    case 'service_end':
    case 'maintenance':
    case 'maintenance_end':
    case 'maintenance_pick_up':
    case 'recommissioned':
      return 'outOfService';
    case 'decommissioned':
      return undefined;
    case 'comms_lost':
    case 'trip_leave_jurisdiction':
      return isHad(use) ? use : 'outOfService';
    default:
      // Charging and opening change nothing; where it comes back to, the booking says.
      return use;
  }
}
