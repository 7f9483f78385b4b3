import type { Caller } from '../../access/caller.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { KeyedDigest } from '../feeds/public-id.ts';
import type { ListedBooking, ListingRepository } from '../search/listing.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SystemId } from '../sharing-id.ts';
import type { TripRepository } from '../trips/trip-repository.ts';
import type { Place } from '../zones/zone.ts';
import { CityVoice } from './city-voice.ts';
import { hourLength, recently, startOfHour, stateOfHour } from './hour.ts';
import { MobilityIds } from './mobility-ids.ts';
import { behind, instantOf, type MobilityReader, momentOf } from './mobility-reader.ts';
import {
  badCursor,
  deviceNotFound,
  emptyRange,
  hourAhead,
  hourBeforeService,
  rangeNotRecent,
} from './mobility-refusals.ts';
import type { MdsEventRecord, MdsTrip, MdsVehicle, MdsVehicleStatus } from './mobility-shapes.ts';
import type { Device, ToldEvent } from './told-event.ts';

export interface MobilityPorts {
  readonly records: MobilityReader;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly trips: Pick<TripRepository, 'load'>;
  readonly door: Pick<SharingDoor, 'systemForCity'>;
  readonly digest: (key: string) => KeyedDigest;
  readonly clock: Clock;
}

/** MDS 2.0, provider, "Vehicles": what is not in the streets is shown for so long; what was taken away is known for so long. */
const shownAway = 90 * 60_000;
const knownGone = 30 * 86_400_000;
/** ms: another instance's clock may be ahead. */
const clocksApart = 60_000;
/** So many hours make a page of recent events at the most: a quiet city has many without any. */
const hoursOfPage = 24;

/** What a city may know, as MDS 2.0's provider API has it. */
export class MobilityService {
  readonly #ports: MobilityPorts;

  constructor(ports: MobilityPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `not-found` (`system-not-found`) also where it is none of the caller's */
  async vehicles(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<MdsVehicle>> {
    const city = await this.#city(caller, systemId);
    const { items, ...next } = await this.#ports.records.devices(systemId, page);
    const now = this.#ports.clock.now();
    const here = items.filter(({ last: { state, at } }) => state !== 'removed' || now - at < knownGone);
    return { items: here.flatMap((device) => city.voice?.vehicle(device) ?? []), ...next };
  }

  /** @throws Failure `not-found` (`device-not-found`) */
  async vehicle(caller: Caller, systemId: SystemId, deviceId: string): Promise<MdsVehicle> {
    const { voice } = await this.#city(caller, systemId);
    const device = await this.#ports.records.deviceOf(systemId, deviceId);
    const vehicle = device && voice?.vehicle(device);
    if (vehicle === undefined) throw deviceNotFound();
    return vehicle;
  }

  /** Vehicles that have never said where they are stand in no street that is known. */
  async statuses(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<MdsVehicleStatus>> {
    const { voice } = await this.#city(caller, systemId);
    const { items, ...next } = await this.#ports.records.devices(systemId, page);
    const now = this.#ports.clock.now();
    const shown = items.filter(({ last }) => !isAway(last) || now - last.at < shownAway);
    const found = await Promise.all(shown.map((device) => voice && this.#status(voice, device)));
    return { items: found.filter((status) => status !== undefined), ...next };
  }

  async status(caller: Caller, systemId: SystemId, deviceId: string): Promise<MdsVehicleStatus> {
    const { voice } = await this.#city(caller, systemId);
    const device = await this.#ports.records.deviceOf(systemId, deviceId);
    const status = device && voice && (await this.#status(voice, device));
    if (status === undefined) throw deviceNotFound();
    return status;
  }

  /**
   * @throws Failure `invalid` (`empty-range`, `range-not-recent`, `bad-cursor`)
   */
  async recent(
    caller: Caller,
    systemId: SystemId,
    { from, to }: { readonly from: Instant; readonly to: Instant },
    page: PageRequest,
  ): Promise<Page<MdsEventRecord>> {
    const { voice } = await this.#city(caller, systemId);
    const now = this.#ports.clock.now();
    // Of the first page: whoever reads two weeks takes a while, and reads them to the end.
    if (page.from === undefined && Math.min(from, to) < now - recently) throw rangeNotRecent();
    if (from >= to) throw emptyRange();
    let moment = page.from ?? momentOf(from);
    const begin = instantOf(moment);
    if (begin === undefined || begin < from || begin >= to) throw badCursor();
    const end = Math.min(to, now + clocksApart);
    if (begin >= end) return { items: [] };
    const items: MdsEventRecord[] = [];
    let hour = startOfHour(begin);
    for (let read = 0; hour < end; read += 1, hour += hourLength) {
      if (read === hoursOfPage) return { items, next: momentOf(hour) };
      const limit = page.limit - items.length;
      const found = await this.#ports.records.events(systemId, { hour, from: moment, to: end, limit });
      items.push(
        ...(await this.#told(
          voice,
          systemId,
          found.map(({ told }) => told),
        )),
      );
      const last = found.at(-1);
      if (last !== undefined && found.length === limit) return { items, next: behind(last.moment) };
      moment = momentOf(hour + hourLength);
    }
    return { items };
  }

  /** Undefined where the hour may still lack something. @throws Failure `not-found` (`hour-ahead`, `hour-before-service`) */
  async historical(caller: Caller, systemId: SystemId, hour: Instant): Promise<readonly MdsEventRecord[] | undefined> {
    const { voice, since } = await this.#city(caller, systemId);
    if (!this.#isComplete(hour, since)) return undefined;
    return this.#told(voice, systemId, await this.#hour(systemId, hour));
  }

  /** Of those that ended within the hour; as above. */
  async trips(caller: Caller, systemId: SystemId, hour: Instant): Promise<readonly MdsTrip[] | undefined> {
    const { voice, since } = await this.#city(caller, systemId);
    if (!this.#isComplete(hour, since)) return undefined;
    const ends = (await this.#hour(systemId, hour)).filter(({ event }) => event === 'trip_end');
    const trips = ends.map(async (end) => {
      const { vehicleId, fence } = end;
      const where = await this.#whereOf(systemId, end);
      if (fence === undefined || where === undefined) return undefined;
      return voice?.trip(end, where, await this.#ports.trips.load({ vehicleId, fence }));
    });
    return (await Promise.all(trips)).filter((trip) => trip !== undefined);
  }

  /** Without a voice where nothing has ever been told of the city. */
  async #city(caller: Caller, systemId: SystemId) {
    const { door, records, digest } = this.#ports;
    const system = await door.systemForCity(caller, systemId);
    const record = await records.city(systemId);
    if (record === undefined) return {};
    return { since: record.since, voice: new CityVoice(new MobilityIds(digest(record.idKey)), system) };
  }

  #isComplete(hour: Instant, since: Instant | undefined): boolean {
    const state = stateOfHour(hour, since, this.#ports.clock.now());
    if (state === 'ahead') throw hourAhead();
    if (state === 'before') throw hourBeforeService();
    return state === 'complete';
  }

  async #hour(systemId: SystemId, hour: Instant): Promise<readonly ToldEvent[]> {
    const found = await this.#ports.records.events(systemId, { hour, to: hour + hourLength });
    return found.map(({ told }) => told);
  }

  async #told(
    voice: CityVoice | undefined,
    systemId: SystemId,
    events: readonly ToldEvent[],
  ): Promise<readonly MdsEventRecord[]> {
    const said = events.map(async (told) => {
      const where = await this.#whereOf(systemId, told);
      return where && voice?.event(told, where);
    });
    return (await Promise.all(said)).filter((event) => event !== undefined);
  }

  /** Before a vehicle has first said where it is, it is there. */
  async #whereOf(systemId: SystemId, { where, vehicleId }: ToldEvent): Promise<Place | undefined> {
    if (where !== undefined) return where;
    const device = await this.#ports.records.device(systemId, vehicleId);
    if (device?.firstWhere !== undefined || device?.use !== undefined) return device.firstWhere;
    const listing = await this.#ports.listings.listing(systemId, vehicleId);
    return listing && mayMove(listing.booking, this.#ports.clock.now()) ? undefined : listing?.status?.place;
  }

  async #status(voice: CityVoice, device: Device): Promise<MdsVehicleStatus | undefined> {
    const { last, use, where } = device;
    if (use !== undefined) return where && voice.status(device, where);
    const listing = await this.#ports.listings.listing(last.systemId, last.vehicleId);
    if (listing && mayMove(listing.booking, this.#ports.clock.now())) return where && voice.status(device, where);
    const place = listing?.status?.place ?? where;
    return place && voice.status(device, place, listing?.status);
  }
}

/** Nobody has it any more, and all the same somebody may be on their way with it: after a forced end, or by a former key. */
function mayMove({ driven, freeFrom }: ListedBooking, now: Instant): boolean {
  return driven === true || (freeFrom !== undefined && freeFrom >= now);
}

function isAway({ state }: ToldEvent): boolean {
  return state === 'removed' || state === 'elsewhere';
}
