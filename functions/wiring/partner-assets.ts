import type { Clock } from '#shared/kernel/clock.ts';
import type { Digest } from '#shared/partners/assets/asset.ts';
import { AssetEntry } from '#shared/partners/assets/asset-entry.ts';
import type { AssetListings, FeedFetcher, PartnerFeedRepository } from '#shared/partners/assets/feed-ports.ts';
import { FeedReader } from '#shared/partners/assets/feed-reader.ts';
import type { PartnerDesk } from '#shared/partners/assets/partner-desk.ts';
import { PartnerHolds } from '#shared/partners/assets/partner-holds.ts';
import { PartnerReservations } from '#shared/partners/assets/partner-reservations.ts';
import { PartnerUseService } from '#shared/partners/assets/partner-use-service.ts';
import type { PartnerLooks, PartnerUsePorts, PartnerUseRepository } from '#shared/partners/assets/use-ports.ts';
import type { DepositPorts } from '#shared/sharing/bookings/deposit.ts';
import type { DueCalls } from '#shared/sharing/due/due.ts';
import type { ListingRepository } from '#shared/sharing/search/listing.ts';
import type { SetupRepository } from '#shared/sharing/setup/setup-repository.ts';
import { LogService } from '#shared/sharing/trips/log-service.ts';
import type { TripLog, TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { TripService } from '#shared/sharing/trips/trip-service.ts';
import type { reservationServices } from './reservations.ts';

type Reservations = ReturnType<typeof reservationServices>;

export interface UseParts {
  readonly setup: SetupRepository;
  readonly listings: Pick<ListingRepository, 'listing' | 'shard'>;
  readonly log: TripLog;
  readonly trips: TripRepository;
  readonly due: DueCalls;
  readonly bookings: Reservations['bookings'];
  readonly feeds: PartnerFeedRepository;
  readonly uses: PartnerUseRepository;
  readonly desk: PartnerDesk;
  readonly looks: PartnerLooks;
  readonly warn: PartnerUsePorts['warn'];
  readonly undecided: PartnerUsePorts['undecided'];
  readonly clock: Clock;
}

export interface HoldParts extends UseParts {
  readonly reservations: Reservations;
  readonly payments: DepositPorts['payments'];
  readonly digest: Digest;
}

/** What becomes of uses of partners' assets. */
export function useServices(parts: UseParts) {
  const { setup, bookings, log, trips, due, clock, warn } = parts;
  const tripService = new TripService({ setup, bookings, log, trips, due, clock });
  const logs = new LogService({
    ...{ setup, bookings, log, trips: tripService, clock },
    // Nothing signed comes this way.
    read: () => ({ kind: 'refused', reason: 'unreadable' }),
    refuse: async (vehicleId) => {
      throw new Error(`Another event of ${vehicleId} has the number of one that its partner told`);
    },
  });
  return { tripService, uses: new PartnerUseService({ ...parts, logs, trips: tripService, warn }) };
}

/** What persons do with partners' assets, and with the operator's own beside them. */
export function holdServices(parts: HoldParts) {
  const { setup, listings, feeds, bookings, reservations, payments, looks, digest, clock, desk } = parts;
  const { uses, tripService } = useServices(parts);
  const entry = new AssetEntry({ setup, listings, feeds, bookings, clock });
  const deposits = { service: bookings, setup, payments };
  const holds = new PartnerHolds({
    ...{ holds: reservations.holds, setup: reservations.kept, entry, uses, bookings, deposits, looks, digest, clock },
  });
  const partnerReservations = new PartnerReservations({
    ...{ reservations: reservations.reservations, uses, feeds, bookings, desk, clock },
  });
  return { tripService, uses, holds, partnerReservations };
}

export function feedReader(
  { feeds, listings, setup, bookings, clock }: UseParts,
  ports: { readonly fetcher: FeedFetcher; readonly assets: AssetListings; readonly digest: Digest },
): FeedReader {
  return new FeedReader({ feeds, listings, setup, bookings, clock, ...ports });
}
