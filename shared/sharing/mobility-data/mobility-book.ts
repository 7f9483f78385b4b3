import type { Clock, Instant } from '../../kernel/clock.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SystemId } from '../sharing-id.ts';
import { type Device, type Told, toldBy } from './told-event.ts';

/** What a city's ids are made of, and since when it has been told anything. */
export interface CityRecord {
  /** Ids are made with it: it stands nowhere else, and stays, as a device keeps its id. */
  readonly idKey: string;
  readonly since: Instant;
}

/** What is kept for cities, as it is written. */
export interface MobilityRecords {
  city(systemId: SystemId): Promise<CityRecord | undefined>;
  /** @returns what stands there: another one may have been faster */
  addCity(systemId: SystemId, record: CityRecord): Promise<CityRecord>;
  device(systemId: SystemId, vehicleId: string): Promise<Device | undefined>;
  /** The events under their hours, in place of what was told of them before; then the device. */
  keep(told: Told, city: CityRecord): Promise<void>;
}

export interface BookPorts {
  readonly records: MobilityRecords;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly newKey: () => string;
  readonly clock: Clock;
}

/** Writes down each move for the city in which it happens. */
export class MobilityBook {
  readonly #ports: BookPorts;

  constructor(ports: BookPorts) {
    this.#ports = ports;
  }

  /** Each write of a booking at least once; those of one vehicle in their order. */
  async keep(after: BookedVehicle): Promise<void> {
    const { records, listings, clock } = this.#ports;
    const { systemId, vehicleId, version, moves, partner } = after;
    // A partner's vehicles are the partner's to tell of: the city would hear of each trip twice.
    if (moves.length === 0 || partner !== undefined) return;
    const [device, listing] = await Promise.all([
      records.device(systemId, vehicleId),
      listings.listing(systemId, vehicleId),
    ]);
    // All of it was kept before: the device is written last.
    if (device !== undefined && device.last.version >= version) return;
    const { place, charge } = listing?.status ?? {};
    const now = clock.now();
    const sight = { now, ...(place !== undefined && { where: place }), ...(charge !== undefined && { charge }) };
    const told = toldBy(device, after, sight);
    const [first] = told?.events ?? [];
    if (told === undefined || first === undefined) return;
    await records.keep(told, await this.#city(systemId, first.at));
  }

  async #city(systemId: SystemId, since: Instant): Promise<CityRecord> {
    const { records, newKey } = this.#ports;
    return (await records.city(systemId)) ?? records.addCity(systemId, { idKey: newKey(), since });
  }
}
