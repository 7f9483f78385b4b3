import { DynamoAssetListings } from '#functions/adapters/dynamo/asset-listings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoListingRepository } from '#functions/adapters/dynamo/listings.ts';
import { DynamoPartnerFeeds } from '#functions/adapters/dynamo/partner-feeds.ts';
import { DynamoSharingSetup } from '#functions/adapters/dynamo/sharing-setup.ts';
import { listedAsset } from '#shared/partners/assets/asset-listing.ts';
import { noAssets } from '#shared/partners/assets/feed-state.ts';
import { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import { SearchService } from '#shared/sharing/search/search-service.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { newTable, startDynoxide } from '../contract/engines.ts';
import { aVehicleId } from '../contract/samples.ts';
import { partnerFeed } from '../support/asset-town.ts';
import { samplePlan, sampleSystem, sampleZones, systemId } from '../support/sharing-city.ts';
import { type Figure, percentile, rounded } from './figure.ts';

const [own, theirs] = [2_000, 1_000];
const [warmUp, rounds] = [300, 3_000];
const alone = systemId('own-alone');
const combined = systemId('own-and-partners');

/**
 * A kilometre around places in a city of 2,000 own vehicles, and in one of as many with a partner's 1,000: the service's
 * search by real tables, one after the other in turns, so that whatever else the machine does it does to both.
 */
export async function combinedSearchFigures(): Promise<readonly Figure[]> {
  const engine = await startDynoxide();
  try {
    const world = await open(documentClient(engine.client), engine);
    await world.city(alone, 0);
    await world.city(combined, theirs);
    const took: Record<string, number[]> = { [alone]: [], [combined]: [] };
    const found: Record<string, number> = { [alone]: 0, [combined]: 0 };
    for (let round = 0; round < warmUp + rounds; round += 1) {
      const near = somewhere();
      for (const id of round % 2 === 0 ? [alone, combined] : [combined, alone]) {
        const begun = performance.now();
        const { items } = await world.search.search(id, { near, radius: 1_000 }, { limit: 25 });
        if (round < warmUp) continue;
        took[id]?.push(performance.now() - begun);
        found[id] = (found[id] ?? 0) + items.length;
      }
    }
    const [mean, meanCombined] = [meanOf(took[alone]), meanOf(took[combined])];
    return [
      { name: 'combined-search-own-alone', value: rounded(mean), unit: 'ms' },
      { name: 'combined-search-with-partners', value: rounded(meanCombined), unit: 'ms' },
      { name: 'combined-search-own-alone-p99', value: rounded(percentile(took[alone] ?? [], 0.99)), unit: 'ms' },
      { name: 'combined-search-with-partners-p99', value: rounded(percentile(took[combined] ?? [], 0.99)), unit: 'ms' },
      { name: 'combined-search-found-own', value: rounded((found[alone] ?? 0) / rounds), unit: 'vehicles' },
      { name: 'combined-search-found-both', value: rounded((found[combined] ?? 0) / rounds), unit: 'vehicles' },
      { name: 'combined-search-ratio', value: rounded(meanCombined / mean), unit: 'times', limit: 1.5 },
    ];
  } finally {
    await engine.stop();
  }
}

function meanOf(took: readonly number[] = []): number {
  return took.reduce((sum, ms) => sum + ms, 0) / took.length;
}

async function open(client: ReturnType<typeof documentClient>, engine: Awaited<ReturnType<typeof startDynoxide>>) {
  const [sharing, partners] = [await newTable(engine.client), await newTable(engine.client)];
  const setup = new DynamoSharingSetup(client, sharing);
  const listings = new DynamoListingRepository(client, sharing);
  const [assets, feeds] = [new DynamoAssetListings(client, sharing), new DynamoPartnerFeeds(client, partners)];
  const clock = { now: () => Date.now() };
  const cities = new CitySnapshots({ listings, setup, partners: feeds, clock });
  const search = new SearchService({ cities, demand: { unmet: async () => {} }, clock });
  return {
    search,
    async city(id: SystemId, partnersAssets: number): Promise<void> {
      await setup.addSystem({ ...sampleSystem, systemId: id });
      await setup.addPlan(id, samplePlan);
      await setup.saveZones(id, { ...sampleZones, systemId: id });
      for (let made = 0; made < own; made += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, index) => park(id, made + index)));
      }
      if (partnersAssets === 0) return;
      const feed = { ...partnerFeed, systemId: id };
      const now = Date.now();
      for (let made = 0; made < partnersAssets; made += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, index) => offer(feed, made + index, now)));
      }
      await feeds.saveState(feed, {
        ...{ feedVersion: 1, checkedAt: now, nextAt: now, outcome: 'good', findings: [], findingCount: 0 },
        ...{ freshUntil: now + 3_600_000, counts: noAssets, documents: {} },
      });
    },
  };

  async function park(id: SystemId, number: number): Promise<void> {
    const vehicleId = aVehicleId();
    const booking = { vehicleTypeId: 'e-golf', label: `B-WS ${number}E`, freeFrom: 0, version: 9 };
    await listings.noteBooking(id, vehicleId, { ...booking, state: 'available' });
    const status = { boot: 3, sequence: number, at: Date.now(), place: somewhere(), charge: 81 };
    await listings.noteStatus(id, vehicleId, { ...status, rangeMeters: 187_000, charging: false });
  }

  async function offer(feed: typeof partnerFeed, number: number, now: number): Promise<void> {
    const asset = { assetId: `asset-${number}`, vehicleTypeId: 'scooter', place: somewhere(), charge: 60 };
    const vehicleId = aVehicleId();
    await assets.note(
      feed.systemId,
      vehicleId,
      listedAsset(feed, vehicleId, { ...asset, rangeMeters: 24_000, isFree: true, at: now }, now),
    );
  }
}

/** Within some 14 by 11 kilometres. */
function somewhere() {
  return { latitude: 52.46 + Math.random() * 0.1, longitude: 13.3 + Math.random() * 0.2 };
}
