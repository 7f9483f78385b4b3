import type { Caller } from '../../access/caller.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SharingDoor } from '../../sharing/setup/acting.ts';
import type { SystemId } from '../../sharing/sharing-id.ts';
import type { Trip } from '../../sharing/trips/trip.ts';
import type { TripRepository } from '../../sharing/trips/trip-repository.ts';
import type { PartnerUseRepository } from './use-ports.ts';

export interface PartnerTripPorts {
  readonly door: Pick<SharingDoor, 'system'>;
  readonly uses: Pick<PartnerUseRepository, 'doubted'>;
  readonly trips: Pick<TripRepository, 'load'>;
}

/** Trips with partners' vehicles of which their operator has to say what they cost. */
export class PartnerTripDesk {
  readonly #ports: PartnerTripPorts;

  constructor(ports: PartnerTripPorts) {
    this.#ports = ports;
  }

  /** The oldest first. A page may be short: what is decided leaves the list within the hour. */
  async list(caller: Caller, systemId: SystemId, page: PageRequest): Promise<Page<Trip>> {
    const { door, uses, trips } = this.#ports;
    await door.system(caller, systemId);
    const { items, ...rest } = await uses.doubted(systemId, page);
    const found = await Promise.all(items.map((key) => trips.load(key)));
    return { ...rest, items: found.filter((trip) => trip?.state.status === 'to-review').flatMap((trip) => trip ?? []) };
  }
}
