import type { Clock, Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { BookingService } from '../../sharing/bookings/booking-service.ts';
import type { ListingRepository } from '../../sharing/search/listing.ts';
import type { SharingSetup } from '../../sharing/setup/setup-repository.ts';
import type { ReservationId, SystemId } from '../../sharing/sharing-id.ts';
import type { LogService } from '../../sharing/trips/log-service.ts';
import type { TripKey } from '../../sharing/trips/trip.ts';
import type { TripService } from '../../sharing/trips/trip-service.ts';
import type { PartnerFeedRepository } from './feed-ports.ts';
import type { PartnerDesk } from './partner-desk.ts';
import type { PartnerUse } from './partner-use.ts';

export interface PartnerUseRepository {
  load(reservationId: ReservationId): Promise<PartnerUse | undefined>;
  /** @returns false when somebody else was faster */
  save(use: PartnerUse, seen: PartnerUse | undefined): Promise<boolean>;
  /** Those of a city whose operator has to decide, the oldest first. */
  doubted(systemId: SystemId, page: PageRequest): Promise<Page<TripKey>>;
}

/** What is to be looked at. A message that comes twice, late or in vain finds that in the items. */
export type PartnerLook =
  | { readonly kind: 'use'; readonly reservationId: ReservationId }
  /** Whether whoever holds it now was asked for at the partner. */
  | { readonly kind: 'hold'; readonly vehicleId: string };

export interface PartnerLooks {
  call(look: PartnerLook, at: Instant, now: Instant): Promise<void>;
}

export interface PartnerUsePorts {
  readonly uses: PartnerUseRepository;
  readonly feeds: Pick<PartnerFeedRepository, 'load'>;
  readonly desk: PartnerDesk;
  readonly bookings: Pick<BookingService, 'vehicle' | 'withdraw' | 'shorten'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly logs: Pick<LogService, 'record'>;
  readonly trips: Pick<TripService, 'saidByPartner'>;
  readonly looks: PartnerLooks;
  /** Somebody has to be told: the use went another way than it should. Nothing of persons is in it. */
  readonly warn: (about: Pick<PartnerUse, 'reservationId' | 'feedId'>, what: string) => void;
  /** Each look at what an operator has to decide. */
  readonly undecided: (about: Pick<PartnerUse, 'reservationId' | 'feedId'>) => void;
  readonly clock: Clock;
}
