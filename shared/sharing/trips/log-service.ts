import type { Clock } from '../../kernel/clock.ts';
import type { TripEvent } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { BookedVehicle, LogPosition } from '../bookings/booked-vehicle.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import {
  chargingEnded,
  chargingStarted,
  ended,
  isPresent,
  isRead,
  type Logged,
  paused,
  resumed,
  started,
} from '../bookings/use.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { isReservationId } from '../sharing-id.ts';
import type { TripKey } from './trip.ts';
import { gapless, positionOf } from './trip-log.ts';
import type { TripLog } from './trip-repository.ts';
import type { TripService } from './trip-service.ts';

export type LineRefusal = 'no-log-key' | 'unreadable' | 'bad-signature' | 'other-vehicle' | 'forked';

export type ReadLine =
  | { readonly kind: 'read'; readonly event: TripEvent }
  | { readonly kind: 'refused'; readonly reason: Extract<LineRefusal, 'unreadable' | 'bad-signature'> };

/** Reads a line (COSE_Sign1 of a `TripEvent`, base64url) and verifies it by the vehicle's key (P-256, SPKI, base64url). */
export type LineReader = (line: string, logKey: string) => ReadLine;

export interface LogPorts {
  readonly setup: Pick<SharingSetup, 'fleetVehicle'>;
  readonly bookings: Pick<BookingService, 'vehicle' | 'change' | 'vacate'>;
  readonly log: TripLog;
  readonly trips: Pick<TripService, 'refresh'>;
  readonly read: LineReader;
  /** Puts a line aside, and tells of it as a security event. It may come twice. */
  readonly refuse: (vehicleId: string, line: string, reason: LineRefusal) => Promise<void>;
  readonly clock: Clock;
}

export interface Heard {
  /** Lines that are known now, also those that were known before. */
  readonly kept: number;
  readonly refused: number;
  /** How far the log is known without a gap. */
  readonly position?: LogPosition;
}

/** Hears what vehicles logged, in whichever order it comes and however often. */
export class LogService {
  readonly #ports: LogPorts;

  constructor(ports: LogPorts) {
    this.#ports = ports;
  }

  /** A line that is none, or somebody else's, does no harm to its neighbours. */
  async take(vehicleId: string, lines: readonly string[]): Promise<Heard> {
    const { setup, read, refuse } = this.#ports;
    const logKey = (await setup.fleetVehicle(vehicleId))?.logKey;
    const events: TripEvent[] = [];
    for (const line of lines) {
      const one = logKey === undefined ? 'no-log-key' : eventOf(read(line, logKey), vehicleId);
      if (typeof one === 'string') await refuse(vehicleId, line, one);
      else events.push(one);
    }
    const heard = await this.record(vehicleId, events);
    return { ...heard, refused: heard.refused + lines.length - events.length };
  }

  /** @param events of which it is known that the vehicle did them, or that its operator answers for it */
  async record(vehicleId: string, events: readonly TripEvent[]): Promise<Heard> {
    const { log, bookings, refuse, trips } = this.#ports;
    const forks = await log.add(events);
    for (const fork of forks) await refuse(vehicleId, JSON.stringify(fork), 'forked');
    const before = await bookings.vehicle(vehicleId);
    const fresh = events.filter((event) => before === undefined || !isRead(before, event));
    const fences = new Set(events.map(({ fence }) => fence));
    if (fresh.length > 0) {
      const since = Math.min(...fresh.map(({ fence }) => fence));
      for (const fence of await this.#advance({ vehicleId, fence: since })) fences.add(fence);
    }
    // Also where nothing is new: who heard it before may have died before the trip knew.
    for (const fence of fences) await trips.refresh({ vehicleId, fence });
    const position = (await bookings.vehicle(vehicleId))?.log;
    const kept = events.length - forks.length;
    return { kept, refused: forks.length, ...(position !== undefined && { position }) };
  }

  /** Moves the vehicle along the lines that are known without a gap. @returns the fences of those lines */
  async #advance(from: TripKey): Promise<ReadonlySet<number>> {
    const { bookings, log } = this.#ports;
    const events = await log.since(from);
    const fences = new Set<number>();
    for (;;) {
      let line: TripEvent | undefined;
      const before = await bookings.change(from.vehicleId, (vehicle) => {
        [line] = gapless(vehicle.log, events);
        return line === undefined ? undefined : moved(vehicle, line, this.#ports.clock.now());
      });
      if (line === undefined || before === undefined) return fences;
      fences.add(line.fence);
      const { assignment, operatorId } = before;
      if (assignment === undefined || !isEnd(line) || !isPresent(before, loggedBy(line, 0))) continue;
      await bookings.vacate({ operatorId, personId: assignment.personId }, assignment.reservationId);
    }
  }
}

function eventOf(one: ReadLine, vehicleId: string): TripEvent | LineRefusal {
  if (one.kind === 'refused') return one.reason;
  const { event } = one;
  if (event.vehicleId !== vehicleId) return 'other-vehicle';
  return isReservationId(event.reservationId) ? event : 'unreadable';
}

/** One line: it moves whoever it is of, and how far the log is known. */
function moved(vehicle: BookedVehicle, event: TripEvent, now: number): BookedVehicle {
  const line = loggedBy(event, now);
  switch (event.kind) {
    case 'started':
      return started(vehicle, line);
    case 'paused':
      return paused(vehicle, line);
    case 'resumed':
      return resumed(vehicle, line);
    case 'charging-started':
      return chargingStarted(vehicle, line);
    case 'charging-ended':
      return chargingEnded(vehicle, line);
    case 'ended':
      return ended(vehicle, line);
    case 'ended-by-operator':
      return ended(vehicle, line, 'ended-by-operator');
  }
}

function loggedBy(event: TripEvent, readAt: number): Logged {
  const { reservationId, fence, at, place } = event;
  if (!isReservationId(reservationId)) throw new RangeError('A line that names no reservation is not read');
  const where = place === undefined ? {} : { where: place };
  return { reservationId, fence, at, position: positionOf(event), readAt, ...where };
}

function isEnd({ kind }: TripEvent): boolean {
  return kind === 'ended' || kind === 'ended-by-operator';
}
