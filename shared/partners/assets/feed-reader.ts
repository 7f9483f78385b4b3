import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Listing } from '../../sharing/search/listing.ts';
import { listingShards } from '../../sharing/search/listing.ts';
import type { SharingSystem } from '../../sharing/setup/system.ts';
import { allAtMost } from '../../transfers/all-at-most.ts';
import { type Asset, assetVehicleId } from './asset.ts';
import { judgedAssets } from './asset-judge.ts';
import { isOutdated, listedAsset } from './asset-listing.ts';
import { FeedDocuments, type Gathered } from './feed-documents.ts';
import { type FeedFinding, isOfAsset, keptFindings } from './feed-finding.ts';
import type { FeedReaderPorts } from './feed-ports.ts';
import { type FeedState, nextReading, noAssets } from './feed-state.ts';
import type { FeedName, PartnerFeed } from './partner-feed.ts';
import { typeFindings } from './type-judge.ts';

export type ReadingOutcome = 'early' | 'gone' | 'read';

/** Listings that are written at the same time. */
const atOnce = 25;
const pageSize = 100;
/** ms by which a partner's clock may be ahead. */
const ahead = 60_000;

/** Reads what partners publish, and keeps their assets in the lists of our cities. Only what has changed is written. */
export class FeedReader {
  readonly #ports: FeedReaderPorts;

  constructor(ports: FeedReaderPorts) {
    this.#ports = ports;
  }

  /** All there are, by their names. */
  async names(): Promise<readonly FeedName[]> {
    const names: FeedName[] = [];
    let page = await this.#ports.feeds.all({ limit: pageSize });
    for (;;) {
      names.push(...page.items);
      if (page.next === undefined) return names;
      page = await this.#ports.feeds.all({ limit: pageSize, from: page.next });
    }
  }

  /** May be asked at any time and twice: before the partner has news by its own `ttl` it reads nothing. */
  async read(name: FeedName): Promise<ReadingOutcome> {
    const { feeds, setup, clock, fetcher } = this.#ports;
    const [feed, state, system] = await Promise.all([feeds.load(name), feeds.state(name), setup.system(name.systemId)]);
    if (feed === undefined || system === undefined) return 'gone';
    const now = clock.now();
    const isSameSetup = state?.feedVersion === feed.version;
    if (isSameSetup && state.nextAt > now && state.checkedAt <= now) return 'early';
    if (!feed.enabled) {
      await this.#withdrawn(feed, state, now);
      return 'read';
    }
    const known = isSameSetup ? state.documents : {};
    const gathered = await new FeedDocuments(fetcher, known, now).gather(feed.gbfsUrl);
    await feeds.saveState(feed, await this.#followed(feed, state, system, gathered, now));
    return 'read';
  }

  async #followed(
    feed: PartnerFeed,
    before: FeedState | undefined,
    system: SharingSystem,
    gathered: Gathered,
    now: Instant,
  ): Promise<FeedState> {
    const known = { ...(before ?? unread), feedVersion: feed.version, checkedAt: now, documents: gathered.documents };
    switch (gathered.kind) {
      case 'bad':
        // What was good stays, as long as it is fresh.
        return { ...known, nextAt: nextReading(now, 0), outcome: 'bad', findings: [gathered.finding], findingCount: 1 };
      case 'same':
        return { ...known, nextAt: nextReading(now, gathered.ttl, known) };
      case 'read':
        return this.#judged(feed, known, system, gathered, now);
    }
  }

  async #judged(
    feed: PartnerFeed,
    known: FeedState,
    system: SharingSystem,
    { types, plans, status }: Extract<Gathered, { readonly kind: 'read' }>,
    now: Instant,
  ): Promise<FeedState> {
    const { vehicles } = status.data;
    const judged = judgedAssets(vehicles, {
      bounds: system.bounds,
      shows: new Map(feed.shows.map((shown) => [shown.assetTypeId, shown])),
      typeIds: new Set(types.map(({ vehicle_type_id }) => vehicle_type_id)),
      ...(plans !== undefined && { planIds: new Set(plans.map(({ plan_id }) => plan_id)) }),
      ...{ lastUpdated: status.lastUpdated, now },
    });
    const fresh = freshness(feed, status.lastUpdated, now);
    const showings = await this.#showings(feed, system);
    const findings = [...fresh.findings, ...judged.findings, ...typeFindings(types, plans, showings)];
    const rejected = new Set(judged.findings.filter(isOfAsset).map(({ pointer }) => pointer.split('/')[4])).size;
    const told = { findings: findings.slice(0, keptFindings), findingCount: findings.length };
    const read = { lastUpdated: status.lastUpdated, freshUntil: fresh.until };
    const next = { ...known, ...told, nextAt: nextReading(now, status.ttl, read) };
    // Everything is wrong with it: that is no news of where the assets are.
    if (judged.assets.length === 0 && rejected > 0) return { ...next, ...untagged(next), outcome: 'bad' };
    const { assets, notShown } = judged;
    // What is as old as that is shown to nobody, and needs no writing.
    if (fresh.until >= now) await this.#list(feed, assets, now);
    const counts = { vehicles: vehicles.length, listed: assets.length, rejected, notShown };
    const outcome = rejected > 0 ? 'partly' : 'good';
    return { ...next, outcome, counts, lastGoodAt: now, ...read };
  }

  async #showings(feed: PartnerFeed, { systemId, vehicleTypes }: SharingSystem) {
    return Promise.all(
      feed.shows.map(async (shown) => {
        const type = vehicleTypes.find(({ vehicleTypeId }) => vehicleTypeId === shown.vehicleTypeId);
        const planId = shown.planId ?? type?.planId;
        const plan = planId === undefined ? undefined : await this.#ports.setup.plan(systemId, planId);
        return { shown, ...(type !== undefined && { type }), ...(plan !== undefined && { plan }) };
      }),
    );
  }

  async #list(feed: PartnerFeed, assets: readonly Asset[], now: Instant): Promise<void> {
    const { digest } = this.#ports;
    const known = await this.#listed(feed);
    const seen = new Map(assets.map((asset) => [assetVehicleId(digest, feed, asset.assetId), asset] as const));
    const wanted = [...seen].map(
      ([vehicleId, asset]) => [vehicleId, listedAsset(feed, vehicleId, asset, now)] as const,
    );
    const outdated = wanted.filter(([vehicleId, listed]) => {
      const before = known.get(vehicleId);
      return before === undefined || isOutdated(before, listed);
    });
    const ids: ReadonlySet<string> = new Set(seen.keys());
    const gone = [...known.values()].filter(({ vehicleId }) => !ids.has(vehicleId));
    await allAtMost(atOnce, outdated, ([vehicleId, listed]) =>
      this.#ports.assets.note(feed.systemId, vehicleId, listed),
    );
    await allAtMost(atOnce, gone, (listing) => this.#leave(feed, listing, now));
  }

  /** Of this feed, by their ids with us. */
  async #listed({ systemId, feedId }: FeedName): Promise<ReadonlyMap<string, Listing>> {
    const { listings } = this.#ports;
    const shards = await Promise.all(
      Array.from({ length: listingShards }, (_, shard) => listings.shard(systemId, shard)),
    );
    const theirs = shards.flat().filter(({ offering }) => offering?.feedId === feedId);
    return new Map(theirs.map((listing) => [listing.vehicleId, listing]));
  }

  /** What somebody of ours has stays as long as they have it: then its partner will have given it another id. */
  async #leave({ systemId }: FeedName, { vehicleId }: Listing, now: Instant): Promise<void> {
    const { assets, bookings } = this.#ports;
    // The booking itself is asked: its listing follows by a stream, and may be behind.
    const present = await bookings.vehicle(vehicleId);
    if (present === undefined) return assets.withdraw(systemId, vehicleId, now);
    if (present.assignment !== undefined || present.state !== 'available') return;
    try {
      await bookings.move(vehicleId, 'service_end', 'decommissioned');
      await bookings.move(vehicleId, 'decommissioned');
    } catch (error) {
      // Held at this very moment: the partner says whether it can be had.
      if (!(error instanceof Failure && error.kind === 'conflict')) throw error;
    }
  }

  async #withdrawn(feed: PartnerFeed, state: FeedState | undefined, now: Instant): Promise<void> {
    await this.#list(feed, [], now);
    const { documents: _, ...known } = state ?? unread;
    const emptied = { ...known, feedVersion: feed.version, checkedAt: now, nextAt: nextReading(now, 900) };
    await this.#ports.feeds.saveState(feed, { ...emptied, counts: noAssets, freshUntil: 0, documents: {} });
  }
}

const unread: FeedState = {
  ...{ feedVersion: 0, checkedAt: 0, nextAt: 0, outcome: 'bad', findings: [], findingCount: 0 },
  ...{ freshUntil: 0, counts: noAssets, documents: {} },
};

/** What was bad is read once more, even if it says that nothing has changed. */
function untagged({ documents: { status: _, ...documents } }: FeedState): Pick<FeedState, 'documents'> {
  return { documents };
}

/** As old as the partner says that its data are; a clock that is ahead gains nobody anything. */
function freshness({ freshSeconds }: PartnerFeed, lastUpdated: Instant, now: Instant) {
  const pointer = '/vehicle_status/last_updated';
  const said = new Date(lastUpdated).toISOString();
  const until = Math.min(lastUpdated, now) + freshSeconds * 1000;
  const findings: FeedFinding[] = [
    ...(lastUpdated > now + ahead
      ? [{ code: 'data-from-the-future', pointer, detail: `${said} lies in the future` } as const]
      : []),
    ...(until < now
      ? [{ code: 'data-stale', pointer, detail: `${said} is longer ago than ${freshSeconds} s` } as const]
      : []),
  ];
  return { until, findings };
}
