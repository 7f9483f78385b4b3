import type { Instant } from '../../kernel/clock.ts';
import type { FeedFinding } from './feed-finding.ts';
import type { GbfsPlan, GbfsType } from './gbfs-document.ts';
import type { FeedId, PartnerFeed } from './partner-feed.ts';

/** What came of reading a partner's feed, from one reading to the next. */
export interface FeedState {
  /** Of the feed's setup that it was read by: another one is read anew. */
  readonly feedVersion: number;
  readonly checkedAt: Instant;
  /** Not before: the partner's own `ttl`, or sooner where what is known gets old. */
  readonly nextAt: Instant;
  readonly outcome: FeedOutcome;
  /** The first ones. */
  readonly findings: readonly FeedFinding[];
  readonly findingCount: number;
  /** When something of it was usable last. */
  readonly lastGoodAt?: Instant;
  /** Of the assets, as the partner said then. */
  readonly lastUpdated?: Instant;
  /** Until then its assets stand in searches. */
  readonly freshUntil: Instant;
  readonly counts: AssetCounts;
  readonly documents: KnownDocuments;
}

/** `good`: all of it; `partly`: some assets are left out; `bad`: nothing could be used. */
export type FeedOutcome = 'good' | 'partly' | 'bad';

export interface AssetCounts {
  /** In the file. */
  readonly vehicles: number;
  /** In our listings. */
  readonly listed: number;
  readonly rejected: number;
  /** Of types that the operator does not show. */
  readonly notShown: number;
}

export const noAssets: AssetCounts = { vehicles: 0, listed: 0, rejected: 0, notShown: 0 };

/** What need not be read again as long as it says it is so. */
export interface KnownDocuments {
  readonly discovery?: Kept<Readonly<Record<string, string>>>;
  readonly types?: Kept<readonly GbfsType[]>;
  /** Absent: the partner publishes none. */
  readonly plans?: Kept<readonly GbfsPlan[]>;
  readonly status?: { readonly etag: string; readonly ttl: number };
}

export interface Kept<T> {
  readonly value: T;
  readonly until: Instant;
  readonly etag?: string;
}

/** What a search knows of a partner: part of the city that an instance keeps. */
export interface CityOffer {
  readonly feedId: FeedId;
  /** Who rents it out, for screens. */
  readonly issuer: string;
  readonly freshUntil: Instant;
}

export type FeedStatus = FeedOutcome | 'never-read' | 'stale' | 'disabled';

/** As an operator sees it. */
export function statusOf({ enabled }: PartnerFeed, state: FeedState | undefined, now: Instant): FeedStatus {
  if (!enabled) return 'disabled';
  if (state === undefined) return 'never-read';
  if (state.outcome === 'bad') return 'bad';
  return state.freshUntil < now ? 'stale' : state.outcome;
}

/** ms: sooner nobody reads, however short a partner's `ttl` is; later than a quarter of an hour always. */
const [soonest, latest] = [30_000, 900_000];
/** ms before what is known gets old: whoever reads comes round each minute, and takes a while. */
const ahead = 90_000;

/**
 * When the partner has news by its own `ttl`, which it counts from what it said, and in time for what is shown not to get
 * old before.
 *
 * @param known of the assets; absent where nothing good was said
 */
export function nextReading(
  now: Instant,
  ttl: number,
  { lastUpdated = now, freshUntil = Infinity }: Partial<Pick<FeedState, 'lastUpdated' | 'freshUntil'>> = {},
): Instant {
  const news = Math.min(lastUpdated, now) + ttl * 1000;
  return Math.max(now + soonest, Math.min(news, freshUntil - ahead, now + latest));
}
