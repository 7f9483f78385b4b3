import type { Clock, Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Trip } from '../trips/trip.ts';
import { endAllowed, zoneAt } from '../zones/rule-at.ts';
import type { Place } from '../zones/zone.ts';
import { type Cause, causesOf } from './causes.ts';
import type { CountedTrip, FigureBook } from './figure-book.ts';
import { hourOf } from './local-hour.ts';
import { type Counted, hoursOf, negated, type Slot, summed } from './tally.ts';
import { taskIdOf } from './task-id.ts';
import type { TaskDesk } from './task-service.ts';
import { tallyOf } from './trip-count.ts';
import { countedUpTo, type Followed, followed, isHad, newWatch, useOf, type VehicleWatch } from './watch.ts';

export interface FleetWatchPorts {
  readonly book: FigureBook;
  readonly tasks: Pick<TaskDesk, 'raise' | 'withdraw' | 'driven'>;
  readonly setup: Pick<SharingSetup, 'system' | 'zones'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly clock: Clock;
}

/** ms counted in one write: as many hours, and a transaction holds a hundred items. */
const piece = 48 * 3_600_000;

/** Sees what becomes of a city's vehicles: what has to be done at them, and what figures are made of. */
export class FleetWatch {
  readonly #ports: FleetWatchPorts;

  constructor(ports: FleetWatchPorts) {
    this.#ports = ports;
  }

  /** A write of a booked vehicle, as the stream tells it: each at least once, those of one vehicle in their order. */
  async follow(before: BookedVehicle | undefined, after: BookedVehicle): Promise<void> {
    // A partner looks after its own.
    if (after.partner !== undefined) return;
    if (before !== undefined && before.systemId !== after.systemId) await this.forget(before);
    const system = await this.#ports.setup.system(after.systemId);
    if (system === undefined) return;
    const driven = await untilSaved(async () => {
      const seen = await this.#ports.book.watch(after.systemId, after.vehicleId);
      if (seen !== undefined && isKnown(seen, before, after, this.#ports.clock.now())) return false;
      return this.#followed(seen, before, after, system.timeZone);
    });
    if (driven) await this.#ports.tasks.driven(after.vehicleId);
  }

  /** It has left the city, or is erased. */
  async forget({ systemId, vehicleId }: BookedVehicle): Promise<void> {
    const { book, tasks } = this.#ports;
    await untilSaved(async () => {
      const seen = await book.watch(systemId, vehicleId);
      if (seen === undefined) return true;
      await Promise.all(Object.values(seen.causes).map((taskId) => tasks.withdraw(taskId, 'vehicle-gone')));
      return (await book.removeWatch(seen)) || undefined;
    });
  }

  /** A write of a trip: counts it once it is settled, and what becomes of it later instead of what was counted. */
  async count(trip: Trip): Promise<void> {
    const tally = tallyOf(trip);
    const system = tally && (await this.#ports.setup.system(trip.systemId));
    if (tally === undefined || system === undefined || trip.course === undefined) return;
    const { at: startedAt, place } = trip.course.start;
    const isFirst = await untilSaved(async () => {
      const seen = await this.#ports.book.trip(trip);
      if (seen !== undefined && seen.tripVersion >= trip.version) return false;
      // Where it began stays: zones may have been drawn anew since.
      const zoneId = seen === undefined ? await this.#zoneAt(trip.systemId, place, startedAt) : seen.zoneId;
      const { vehicleId, fence, systemId, version: tripVersion } = trip;
      const slot = { hour: hourOf(system.timeZone, startedAt), ...(zoneId !== undefined && { zoneId }) };
      const next: CountedTrip = { vehicleId, fence, systemId, startedAt, tripVersion, tally, ...slot };
      const formerly = seen === undefined ? [] : [{ ...slotOf(seen), tally: negated(seen.tally) }];
      const counts = summed([{ ...slot, tally }, ...formerly]);
      return (await this.#ports.book.saveTrip(next, seen, counts)) ? seen === undefined : undefined;
    });
    if (isFirst) await this.#judgeEnd(trip);
  }

  async #followed(
    seen: VehicleWatch | undefined,
    before: BookedVehicle | undefined,
    after: BookedVehicle,
    timeZone: string,
  ): Promise<boolean | undefined> {
    const { book, clock } = this.#ports;
    const now = clock.now();
    let watch = seen ?? newWatch(after, after.moves[0]?.at ?? now);
    let known = seen;
    const here = isHad(watch.use) ? undefined : await this.#whereItStands(after);
    const happenedAt = Math.min(after.moves[0]?.at ?? now, now);
    while (happenedAt - watch.at > piece) {
      const { next, spans } = countedUpTo(watch, watch.at + piece, here);
      if (!(await book.saveWatch(next, known, countsOf(spans, timeZone)))) return undefined;
      [watch, known] = [next, next];
    }
    const { next, spans, idles, driven } = followed(watch, before, after, here, now);
    const causes = await this.#seenTo(watch, after, now);
    const counts = summed([...countsOf(spans, timeZone), ...idles.map((idle) => countOf(idle, timeZone))]);
    return (await book.saveWatch({ ...next, causes }, known, counts)) ? driven : undefined;
  }

  /** Before it is written that they are: whoever dies in between raises the same ones again. */
  async #seenTo({ causes }: VehicleWatch, after: BookedVehicle, now: Instant): Promise<VehicleWatch['causes']> {
    const { tasks } = this.#ports;
    const present = causesOf(after, now);
    const gone = Object.entries(causes).filter(([word]) => !present.some(({ why }) => why === word));
    await Promise.all(gone.map(([, taskId]) => tasks.withdraw(taskId, 'no-longer-needed')));
    const entries = await Promise.all(
      present.map(async (cause) => [cause.why, causes[cause.why] ?? (await this.#raise(cause, after))] as const),
    );
    return Object.fromEntries(entries);
  }

  async #raise({ why, ...cause }: Cause, { vehicleId, systemId, operatorId, version }: BookedVehicle) {
    const taskId = taskIdOf(why, vehicleId, version);
    await this.#ports.tasks.raise({ taskId, vehicleId, systemId, operatorId, why, ...cause });
    return taskId;
  }

  /** Left where nobody may leave it, by force or by a vehicle that judged by other zones; unless it is in use again. */
  async #judgeEnd({ vehicleId, fence, systemId, operatorId, vehicleTypeId, course }: Trip): Promise<void> {
    const { setup, bookings, tasks } = this.#ports;
    const end = course?.end;
    const zones = end?.place === undefined ? undefined : await setup.zones(systemId);
    if (end?.place === undefined || zones === undefined) return;
    if (endAllowed(zones, end.place, vehicleTypeId, end.at)) return;
    const booking = await bookings.vehicle(vehicleId);
    if (booking === undefined || booking.fence !== fence || booking.assignment !== undefined) return;
    const taskId = taskIdOf('outside-zone', vehicleId, fence);
    const ids = { taskId, vehicleId, systemId, operatorId };
    await tasks.raise({ ...ids, kind: 'move', why: 'outside-zone', priority: 2, endsWithTrip: true });
  }

  async #whereItStands({ systemId, vehicleId }: BookedVehicle): Promise<string | undefined> {
    const { listings, clock } = this.#ports;
    const listing = await listings.listing(systemId, vehicleId);
    return this.#zoneAt(systemId, listing?.status?.place, clock.now());
  }

  async #zoneAt(systemId: SystemId, place: Place | undefined, at: Instant): Promise<string | undefined> {
    const zones = place === undefined ? undefined : await this.#ports.setup.zones(systemId);
    return zones === undefined || place === undefined ? undefined : zoneAt(zones, place, at)?.zoneId;
  }
}

function countsOf(spans: Followed['spans'], timeZone: string): readonly Counted[] {
  return summed(spans.flatMap((span) => hoursOf(timeZone, span)));
}

function countOf({ at, ms, zoneId }: Followed['idles'][number], timeZone: string): Counted {
  return { hour: hourOf(timeZone, at), ...(zoneId !== undefined && { zoneId }), tally: { idle: ms, idles: 1 } };
}

function slotOf({ hour, zoneId }: CountedTrip): Slot {
  return { hour, ...(zoneId !== undefined && { zoneId }) };
}

/** Nothing of it is new: most writes of a booking move nothing. */
function isKnown(watch: VehicleWatch, before: BookedVehicle | undefined, after: BookedVehicle, now: Instant): boolean {
  if (watch.bookingVersion >= after.version) return true;
  const isMoved = after.moves.length > 0 || after.waiting?.length !== before?.waiting?.length;
  if (isMoved || useOf(after) !== watch.use) return false;
  const words = causesOf(after, now).map(({ why }) => why);
  return words.length === Object.keys(watch.causes).length && words.every((word) => watch.causes[word] !== undefined);
}
