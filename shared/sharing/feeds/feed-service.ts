import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import { CityReader } from './city-reader.ts';
import type { FeedPorts } from './feed-ports.ts';
import { manifestPath, pathOf } from './gbfs/addresses.ts';
import { type FeedFile, feedText, isLive, ttlOf } from './gbfs/feed-file.ts';
import { gbfsFiles } from './gbfs/gbfs.ts';
import { manifest } from './gbfs/system-files.ts';
import { digestOf } from './public-id.ts';
import { applied, type CityChange, type PublishedCity, type PublishedFile } from './published-city.ts';

/** What the stream of a city's records says; `set-up`: something that its operator has set up is another one. */
export type FeedNews = Exclude<CityChange, { readonly kind: 'set-up' }> | { readonly kind: 'set-up' };

/** Which files are written although they say what they said. */
type Renewal = 'none' | 'live' | 'all';

/**
 * Public feeds, built from changes. Files go out before the state that knows of them is kept: whoever dies in between, or
 * was not alone, does all of it again. What a lost race has written is written once more.
 */
export class FeedService {
  readonly #ports: FeedPorts;
  readonly #reader: CityReader;

  constructor(ports: FeedPorts) {
    this.#ports = ports;
    this.#reader = new CityReader(ports);
  }

  /** Each may come twice, late, and beside others of the same city. */
  async publish(systemId: SystemId, news: readonly FeedNews[], renewal: Renewal = 'none'): Promise<void> {
    const changes = await this.#changes(systemId, news);
    const written = new Set<string>();
    await untilSaved(async () => {
      const { states, clock } = this.#ports;
      const loaded = await states.load(systemId);
      const known = loaded?.city ?? (await this.#newCity(systemId));
      // A vehicle may be in a list of changes while its city is not set up.
      if (known === undefined) return true;
      const now = clock.now();
      const city = applied(known, changes, now);
      if (city === loaded?.city && renewal === 'none' && written.size === 0) return true;
      const files = await this.#write(city, renewal, written, now);
      return (await states.save({ ...city, files }, loaded)) || undefined;
    });
  }

  /** What an operator is called and where it is reached stands in each of its systems. */
  async publishOperator(operatorId: OperatorId): Promise<void> {
    for (const systemId of await this.#reader.systemIds(operatorId)) await this.publish(systemId, [{ kind: 'set-up' }]);
  }

  async publishManifest(): Promise<void> {
    const { files, baseUrl, clock } = this.#ports;
    const data = manifest(await this.#reader.systemIds(), baseUrl);
    await files.put(manifestPath, feedText('manifest', data, clock.now()), ttlOf('manifest'));
  }

  /**
   * What changes with time alone, and `last_updated` of what stands where. Now and then everything: also what somebody
   * overwrote who died before they noticed.
   *
   * @returns the systems of which it failed
   */
  async refresh(): Promise<readonly { readonly systemId: SystemId; readonly error: unknown }[]> {
    const renewal = isQuarter(this.#ports.clock.now()) ? 'all' : 'live';
    const systemIds = await this.#reader.systemIds();
    if (renewal === 'all') await this.publishManifest();
    const results = await Promise.allSettled(systemIds.map((systemId) => this.publish(systemId, [], renewal)));
    return systemIds.flatMap((systemId, index) => {
      const result = results[index];
      return result?.status === 'rejected' ? [{ systemId, error: result.reason }] : [];
    });
  }

  async #changes(systemId: SystemId, news: readonly FeedNews[]): Promise<readonly CityChange[]> {
    const changes = news.filter((one) => one.kind !== 'set-up');
    const setup = changes.length < news.length ? await this.#reader.setup(systemId) : undefined;
    return setup === undefined ? changes : [{ kind: 'set-up', setup }, ...changes];
  }

  /** Published first: whatever is there already, from the tables; later nothing is read there but what was set up. */
  async #newCity(systemId: SystemId): Promise<PublishedCity | undefined> {
    const setup = await this.#reader.setup(systemId);
    if (setup === undefined) return undefined;
    const { newKey, clock } = this.#ports;
    const empty: PublishedCity = { setup, vehicles: new Map(), idKey: newKey(), files: {} };
    const listings = await this.#reader.listings(systemId);
    return applied(
      empty,
      listings.map((listing) => ({ kind: 'listed', listing })),
      clock.now(),
    );
  }

  /** One after the other: whatever a file refers to is there before. */
  async #write(
    city: PublishedCity,
    renewal: Renewal,
    written: Set<string>,
    now: Instant,
  ): Promise<PublishedCity['files']> {
    const { files, baseUrl, digest } = this.#ports;
    const { systemId } = city.setup.system;
    const keyed = digest(city.idKey);
    const kept: Record<string, PublishedFile> = {};
    for (const { name, data, compared = data } of gbfsFiles(city, keyed, baseUrl, now)) {
      const said = digestOf(keyed, JSON.stringify(compared));
      const known = city.files[name];
      const isSame = known?.digest === said;
      const since = isSame && !isLive(name) ? known.since : now;
      kept[name] = { digest: said, since };
      if (isSame && !isRenewed(name, renewal) && !written.has(name)) continue;
      written.add(name);
      await files.put(pathOf(systemId, name), feedText(name, data, since), ttlOf(name));
    }
    return kept;
  }
}

function isRenewed(name: FeedFile['name'], renewal: Renewal): boolean {
  return renewal === 'all' || (renewal === 'live' && isLive(name));
}

/** Once in fifteen looks, each of which comes a minute after the other. */
function isQuarter(now: Instant): boolean {
  return Math.floor(now / 60_000) % 15 === 0;
}
