import type { Caller } from '../../access/caller.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import { isHoldable } from '../bookings/hold.ts';
import type { CitySnapshots } from '../search/city-snapshots.ts';
import type { City } from '../search/near.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SystemId } from '../sharing-id.ts';
import { endAllowed } from '../zones/rule-at.ts';
import type { Place } from '../zones/zone.ts';
import { type CellId, cellAt, placeOf } from './cell.ts';
import type { DemandBook, UnmetCount } from './demand.ts';
import type { FigureBook } from './figure-book.ts';
import { type CellDemand, type FreeVehicle, type Relocation, relocations } from './relocation.ts';
import type { Task } from './task.ts';
import { taskIdOf } from './task-id.ts';
import type { TaskRepository } from './task-repository.ts';
import type { TaskDesk } from './task-service.ts';

export interface RelocationPorts {
  readonly door: Pick<SharingDoor, 'system' | 'vehicle'>;
  readonly cities: Pick<CitySnapshots, 'city'>;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly book: Pick<FigureBook, 'watches'>;
  readonly demand: Pick<DemandBook, 'unmet'>;
  readonly tasks: Pick<TaskRepository, 'live'>;
  readonly desk: Pick<TaskDesk, 'raise'>;
  readonly clock: Clock;
}

export interface Suggested extends Relocation {
  readonly label: string;
}

const hour = 3_600_000;
const week = 168 * hour;
/** Weeks that are looked back at. */
const weeks = 4;
/** Hours that are looked ahead. */
const ahead = 3;
/** Metres as the crow flies: farther costs more than a vehicle earns there. */
const farthest = 5_000;

/** Which vehicles to bring to where people looked for one, and found none. */
export class RelocationService {
  readonly #ports: RelocationPorts;

  constructor(ports: RelocationPorts) {
    this.#ports = ports;
  }

  /** What is wanted most first. @param idle ms for which a vehicle has stood that may be moved */
  async suggested(caller: Caller, systemId: SystemId, idle: number): Promise<readonly Suggested[]> {
    const { door, cities, book, tasks, clock } = this.#ports;
    await door.system(caller, systemId);
    const now = clock.now();
    const [city, watches, live, demand] = await Promise.all([
      cities.city(systemId),
      book.watches(systemId),
      tasks.live(systemId),
      this.#expected(systemId, now),
    ]);
    if (city === undefined) return [];
    const since = new Map(watches.map(({ vehicleId, freeSince = now }) => [vehicleId, freeSince]));
    // Nothing that somebody has to see to is sent elsewhere.
    const busy = new Set(live.map(({ vehicleId }) => vehicleId));
    const vehicles = freeIn(city, since, now).filter(({ vehicleId }) => !busy.has(vehicleId));
    const coming = comingTo(live);
    const found = relocations(vehicles, demand, { idle, farthest, coming, mayEnd: mayEndIn(city, now) });
    const labels = new Map([...city.listings].map(({ vehicleId, booking }) => [vehicleId, booking.label]));
    return found.map((one) => ({ ...one, label: labels.get(one.vehicle.vehicleId) ?? '' }));
  }

  /**
   * A task for a crew. Twice it is one, as long as nobody has used the vehicle in between.
   *
   * @throws Failure `relocation-not-possible` where somebody has the vehicle, or may not leave it there
   */
  async begin(caller: Caller, systemId: SystemId, vehicleId: string, cell: CellId): Promise<Task> {
    const { door, cities, bookings, desk, clock } = this.#ports;
    const vehicle = await door.vehicle(caller, vehicleId);
    const [city, booking] = await Promise.all([cities.city(systemId), bookings.vehicle(vehicleId)]);
    if (vehicle.systemId !== systemId || booking === undefined) throw notPossible('is in another city');
    const now = clock.now();
    if (booking.assignment !== undefined || !isHoldable(booking, now)) throw notPossible('is not free');
    const to = placeOf(cell);
    if (city === undefined || !mayEndIn(city, now)(to, booking.vehicleTypeId)) {
      throw notPossible('may not be left there', '/cell');
    }
    const taskId = taskIdOf('relocation', vehicleId, booking.fence, cell);
    const { operatorId } = booking;
    const why = { kind: 'move', why: 'relocation', endsWithTrip: true } as const;
    return (await desk.raise({ taskId, systemId, operatorId, vehicleId, to, ...why })).task;
  }

  /** By what the same hours of former weeks had; what was unmet in the last two hours counts in full. */
  async #expected(systemId: SystemId, now: Instant): Promise<readonly CellDemand[]> {
    const { demand } = this.#ports;
    const begun = Math.floor(now / hour) * hour;
    const formerly = Array.from({ length: weeks }, (_, index) => begun - (index + 1) * week);
    const [recent, ...past] = await Promise.all([
      demand.unmet(systemId, begun - hour, begun + hour),
      ...formerly.map((from) => demand.unmet(systemId, from, from + ahead * hour)),
    ]);
    const [lately, mean] = [byCell(recent), byCell(past.flat())];
    const names = new Set([...lately.keys(), ...mean.keys()]);
    return [...names].flatMap((name) => {
      const { cell, wanted } = lately.get(name) ?? mean.get(name) ?? {};
      if (cell === undefined || wanted === undefined) return [];
      const expected = Math.max((mean.get(name)?.searches ?? 0) / weeks, lately.get(name)?.searches ?? 0);
      return [{ cell, wanted, expected }];
    });
  }
}

function byCell(counts: readonly UnmetCount[]): ReadonlyMap<string, UnmetCount> {
  const cells = new Map<string, UnmetCount>();
  for (const one of counts) {
    const name = `${one.cell} ${one.wanted}`;
    cells.set(name, { ...one, searches: one.searches + (cells.get(name)?.searches ?? 0) });
  }
  return cells;
}

function freeIn({ system, listings }: City, since: ReadonlyMap<string, Instant>, now: Instant): FreeVehicle[] {
  const factors = new Map(system.vehicleTypes.map(({ vehicleTypeId, formFactor }) => [vehicleTypeId, formFactor]));
  return [...listings].flatMap(({ vehicleId, booking, status, offering }) => {
    // A partner moves its own.
    if (offering !== undefined) return [];
    const { freeFrom, vehicleTypeId, driven, state } = booking;
    const formFactor = factors.get(vehicleTypeId);
    const isFree = state === 'available' && freeFrom !== undefined && freeFrom < now && driven !== true;
    if (!isFree || status?.place === undefined || formFactor === undefined) return [];
    const idle = now - (since.get(vehicleId) ?? now);
    return [{ vehicleId, vehicleTypeId, formFactor, place: status.place, idle }];
  });
}

function comingTo(live: readonly Task[]): ReadonlyMap<CellId, number> {
  const coming = new Map<CellId, number>();
  for (const { to } of live) if (to !== undefined) coming.set(cellAt(to), (coming.get(cellAt(to)) ?? 0) + 1);
  return coming;
}

function mayEndIn({ system, zones }: City, now: Instant) {
  const [west, south, east, north] = system.bounds;
  return (place: Place, vehicleTypeId: string): boolean => {
    const { latitude, longitude } = place;
    const isInside = longitude >= west && longitude <= east && latitude >= south && latitude <= north;
    return isInside && (zones === undefined || endAllowed(zones, place, vehicleTypeId, now));
  };
}

function notPossible(fault: string, pointer = '/vehicleId'): Failure {
  return new Failure('conflict', 'relocation-not-possible', 'The vehicle cannot be brought there.', {
    resolution: 'GET /v1/sharing/systems/{systemId}/relocations suggests what can.',
    errors: [{ pointer, detail: fault }],
  });
}
