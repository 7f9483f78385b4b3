import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import { cityStateOf, cityStateText } from '#functions/adapters/s3/city-state-text.ts';
import type { CityStates, FeedPorts, KeptCity } from '#shared/sharing/feeds/feed-ports.ts';
import { FeedService } from '#shared/sharing/feeds/feed-service.ts';
import type { PublishedCity } from '#shared/sharing/feeds/published-city.ts';
import type { Listing } from '#shared/sharing/search/listing.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import type { ManualClock } from './manual-clock.ts';
import { MemorySharingSetup } from './memory-sharing-setup.ts';

export const feedsUrl = 'https://feeds.example.com';

/** What two functions share: a bucket whose writes state their condition, the tables, and a process that may be killed. */
export class FeedMemory implements CityStates {
  readonly setup = new MemorySharingSetup();
  /** What a first look at the tables finds. */
  listings: readonly Listing[] = [];
  readonly files = new Map<string, { readonly text: string; readonly maxAge: number }>();
  writes = 0;
  /** Of the next write: `killed` ends the process before it, `late` after it. */
  fate: () => 'go' | 'killed' | 'late' = () => 'go';
  /** Between what a publisher has read and what it writes. */
  between: () => Promise<void> = async () => {};
  readonly #states = new Map<SystemId, { readonly text: string; readonly tag: string }>();

  async load(systemId: SystemId): Promise<KeptCity | undefined> {
    const kept = this.#states.get(systemId);
    await this.between();
    return kept && { city: cityStateOf(kept.text), tag: kept.tag };
  }

  async save(city: PublishedCity, loaded: KeptCity | undefined): Promise<boolean> {
    const { systemId } = city.setup.system;
    if (this.#states.get(systemId)?.tag !== loaded?.tag) return false;
    await this.#written(() => this.#states.set(systemId, { text: cityStateText(city), tag: `${this.writes}` }));
    return true;
  }

  service(clock: ManualClock): FeedService {
    const ports: FeedPorts = {
      ...{ states: this, setup: this.setup, clock, digest: keyedDigest, baseUrl: feedsUrl },
      files: { put: (path, text, maxAge) => this.#written(() => this.files.set(path, { text, maxAge })) },
      listings: { shard: async (_, shard) => (shard === 0 ? this.listings : []) },
      newKey: () => 'a key',
    };
    return new FeedService(ports);
  }

  /** A file of everybody's. */
  read(path: string): unknown {
    const file = this.files.get(path);
    if (file === undefined) throw new Error(`There is no ${path}`);
    return JSON.parse(file.text);
  }

  async #written(write: () => void): Promise<void> {
    const fate = this.fate();
    if (fate === 'killed') throw new Error('killed');
    this.writes += 1;
    write();
    if (fate === 'late') throw new Error('killed');
  }
}
