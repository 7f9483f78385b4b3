import type { Clock, Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { BookingService } from '../../sharing/bookings/booking-service.ts';
import type { ListedBooking, ListingRepository } from '../../sharing/search/listing.ts';
import type { SharingSetup } from '../../sharing/setup/setup-repository.ts';
import type { SystemId } from '../../sharing/sharing-id.ts';
import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { Digest, Offering } from './asset.ts';
import type { FeedFindingCode } from './feed-finding.ts';
import type { CityOffer, FeedState } from './feed-state.ts';
import type { FeedName, PartnerFeed } from './partner-feed.ts';

export interface PartnerFeedRepository {
  load(name: FeedName): Promise<PartnerFeed | undefined>;
  of(systemId: SystemId, page: PageRequest): Promise<Page<PartnerFeed>>;
  /** Of every city. */
  all(page: PageRequest): Promise<Page<FeedName>>;
  /** @returns false when somebody else was faster */
  save(feed: PartnerFeed, seen: PartnerFeed | undefined): Promise<boolean>;
  state(name: FeedName): Promise<FeedState | undefined>;
  /** With the line that searches read. Of two readings the later one stands. */
  saveState(feed: PartnerFeed, state: FeedState): Promise<boolean>;
  offers(systemId: SystemId): Promise<readonly CityOffer[]>;
}

export type Fetched =
  /** As it was when it had this tag. */
  | { readonly kind: 'same' }
  | { readonly kind: 'got'; readonly text: string; readonly etag?: string }
  | { readonly kind: 'failed'; readonly code: FeedFindingCode; readonly detail: string };

export interface FeedFetcher {
  /** GETs and follows nothing; bounded in time and size. Never throws. */
  get(url: string, etag?: string): Promise<Fetched>;
}

/** Assets in the list of a city. */
export interface AssetListings {
  /** In place of what an earlier reading said; the booking's half stands where one is known. */
  note(systemId: SystemId, vehicleId: string, listed: ListedAsset): Promise<void>;
  /** It is in the feed no more. One that was ever booked with us stays: its booking says what becomes of it. */
  withdraw(systemId: SystemId, vehicleId: string, readAt: Instant): Promise<void>;
}

export interface ListedAsset {
  readonly offering: Offering;
  /** For an asset that was never booked with us: version 0. */
  readonly booking: ListedBooking;
  readonly status: VehicleStatus;
}

export interface FeedReaderPorts {
  readonly feeds: PartnerFeedRepository;
  readonly fetcher: FeedFetcher;
  readonly listings: Pick<ListingRepository, 'shard'>;
  readonly assets: AssetListings;
  readonly setup: Pick<SharingSetup, 'system' | 'plan'>;
  /** Takes what a partner has taken back out of service. */
  readonly bookings: Pick<BookingService, 'move' | 'vehicle'>;
  readonly digest: Digest;
  readonly clock: Clock;
}
