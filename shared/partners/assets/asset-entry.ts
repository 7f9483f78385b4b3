import type { Clock } from '../../kernel/clock.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import type { BookingService } from '../../sharing/bookings/booking-service.ts';
import type { Listing, ListingRepository } from '../../sharing/search/listing.ts';
import { wayBack } from '../../sharing/setup/service-course.ts';
import type { SetupRepository } from '../../sharing/setup/setup-repository.ts';
import type { FleetVehicle } from '../../sharing/setup/system.ts';
import type { OperatorId, SystemId } from '../../sharing/sharing-id.ts';
import type { PartnerFeedRepository } from './feed-ports.ts';

export interface AssetEntryPorts {
  readonly setup: Pick<SetupRepository, 'fleetVehicle' | 'addVehicle' | 'systems'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly feeds: Pick<PartnerFeedRepository, 'offers'>;
  readonly bookings: Pick<BookingService, 'vehicle' | 'move' | 'enterService'>;
  readonly clock: Clock;
}

const pageSize = 100;

/**
 * Makes an asset one of the vehicles that can be held: when somebody of ours first wants it, and not before. What nobody
 * wants is a line in a list of offers.
 */
export class AssetEntry {
  readonly #ports: AssetEntryPorts;

  constructor(ports: AssetEntryPorts) {
    this.#ports = ports;
  }

  /** @returns false where no partner offers the operator's cities such a vehicle now */
  async enter(operatorId: OperatorId, vehicleId: string): Promise<boolean> {
    const { setup, bookings } = this.#ports;
    const found = await this.#offered(operatorId, vehicleId);
    if (found === undefined) return false;
    const known = await setup.fleetVehicle(vehicleId);
    if (known !== undefined && known.speaks !== 'partner') return false;
    const vehicle = known ?? (await this.#enrolled(operatorId, found));
    const booking = await bookings.vehicle(vehicleId);
    const back = booking === undefined ? [] : wayBack(booking);
    for (const { event, reason } of back) await bookings.move(vehicleId, event, reason);
    await bookings.enterService(vehicle);
    return true;
  }

  async #enrolled(operatorId: OperatorId, { systemId, listing }: Found): Promise<FleetVehicle> {
    const { vehicleId, booking, offering } = listing;
    const { vehicleTypeId, label, planId } = booking;
    const vehicle: FleetVehicle = {
      ...{ vehicleId, systemId, operatorId, vehicleTypeId, label, speaks: 'partner', version: 1 },
      ...(planId !== undefined && { planId }),
      ...(offering !== undefined && { partner: offering.feedId, assetId: offering.assetId }),
    };
    // Whoever was faster has written the very same.
    await this.#ports.setup.addVehicle(vehicle);
    return vehicle;
  }

  async #offered(operatorId: OperatorId, vehicleId: string): Promise<Found | undefined> {
    const { feeds, listings, clock } = this.#ports;
    for (const systemId of await this.#systemIds(operatorId)) {
      const offers = await feeds.offers(systemId);
      if (offers.length === 0) continue;
      const listing = await listings.listing(systemId, vehicleId);
      const offer = offers.find(({ feedId }) => feedId === listing?.offering?.feedId);
      const isFresh = offer !== undefined && offer.freshUntil >= clock.now();
      if (listing?.offering?.isFree === true && isFresh) return { systemId, listing };
    }
    return undefined;
  }

  async #systemIds(operatorId: OperatorId): Promise<readonly SystemId[]> {
    const { setup } = this.#ports;
    const ids: SystemId[] = [];
    let page: PageRequest | undefined = { limit: pageSize };
    while (page !== undefined) {
      const { items, next }: Awaited<ReturnType<SetupRepository['systems']>> = await setup.systems(operatorId, page);
      ids.push(...items.map(({ systemId }) => systemId));
      page = next === undefined ? undefined : { limit: pageSize, from: next };
    }
    return ids;
  }
}

interface Found {
  readonly systemId: SystemId;
  readonly listing: Listing;
}
