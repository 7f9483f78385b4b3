import type * as z from 'zod/mini';
import type { Instant } from '../../kernel/clock.ts';
import type { FeedFinding } from './feed-finding.ts';
import type { FeedFetcher } from './feed-ports.ts';
import type { Kept, KnownDocuments } from './feed-state.ts';
import {
  discovery,
  documentIn,
  type GbfsFile,
  type GbfsPlan,
  type GbfsType,
  pricingPlans,
  type ReadDocument,
  vehicleStatus,
  vehicleTypes,
} from './gbfs-document.ts';

/** What a reading has got hold of; what stands in its way is a finding. */
export type Gathered =
  | { readonly kind: 'bad'; readonly finding: FeedFinding; readonly documents: KnownDocuments }
  /** Nothing has changed since. */
  | { readonly kind: 'same'; readonly documents: KnownDocuments; readonly ttl: number }
  | {
      readonly kind: 'read';
      readonly documents: KnownDocuments;
      readonly types: readonly GbfsType[];
      readonly plans: readonly GbfsPlan[] | undefined;
      readonly status: ReadDocument<{ readonly vehicles: readonly unknown[] }>;
    };

/** ms for which what hardly changes is kept at the most, whatever its `ttl` says. */
const longestKept = 3_600_000;

/** Characters of what is kept of one file: hundreds of types or plans. */
const mostKept = 40_000;

/** Reads the files of one partner, as few of them as it can. */
export class FeedDocuments {
  readonly #fetcher: FeedFetcher;
  readonly #now: Instant;
  #documents: KnownDocuments;

  constructor(fetcher: FeedFetcher, known: KnownDocuments, now: Instant) {
    this.#fetcher = fetcher;
    this.#documents = known;
    this.#now = now;
  }

  async gather(gbfsUrl: string): Promise<Gathered> {
    const urls = await this.#kept('gbfs', gbfsUrl, discovery, this.#documents.discovery, urlsOf);
    if (urls.kind === 'bad') return this.#bad(urls.finding);
    this.#documents = { ...this.#documents, discovery: urls.kept };
    const links = urls.kept.value;
    const typed = await this.#listed('vehicle_types', links, vehicleTypes, this.#documents.types, (data) =>
      data.vehicle_types.map(trimmed),
    );
    if (typed.kind === 'bad') return this.#bad(typed.finding);
    this.#documents = { ...this.#documents, types: typed.kept };
    const planned = await this.#plans(links);
    if (planned.kind === 'bad') return this.#bad(planned.finding);
    const isNews = urls.isNews || typed.isNews || planned.isNews;
    return this.#status(links, typed.kept.value, planned.plans, isNews);
  }

  async #plans(links: Readonly<Record<string, string>>) {
    if (links['system_pricing_plans'] === undefined) {
      const { plans, ...rest } = this.#documents;
      this.#documents = rest;
      return { kind: 'none' as const, plans: undefined, isNews: plans !== undefined };
    }
    const found = await this.#listed(
      'system_pricing_plans',
      links,
      pricingPlans,
      this.#documents.plans,
      (data) => data.plans,
    );
    if (found.kind === 'bad') return found;
    this.#documents = { ...this.#documents, plans: found.kept };
    return { kind: 'kept' as const, plans: found.kept.value, isNews: found.isNews };
  }

  async #status(
    links: Readonly<Record<string, string>>,
    types: readonly GbfsType[],
    plans: readonly GbfsPlan[] | undefined,
    isNews: boolean,
  ): Promise<Gathered> {
    const { status: known, ...documents } = this.#documents;
    const url = links['vehicle_status'];
    if (url === undefined) return this.#bad(missing('vehicle_status'));
    // What else has changed is judged with all vehicles once more.
    const fetched = await this.#fetcher.get(url, isNews ? undefined : known?.etag);
    if (fetched.kind === 'failed') return this.#bad(failed('vehicle_status', fetched));
    if (fetched.kind === 'same') return { kind: 'same', documents: this.#documents, ttl: known?.ttl ?? 0 };
    const read = documentIn('vehicle_status', fetched.text, vehicleStatus);
    if (read.kind === 'bad') return this.#bad(read.finding);
    const { ttl } = read.document;
    const tagged = fetched.etag === undefined ? documents : { ...documents, status: { etag: fetched.etag, ttl } };
    return { kind: 'read', documents: tagged, types, plans, status: read.document };
  }

  /** What was bad is judged anew with the next reading, even if nothing has changed since the one before. */
  #bad(finding: FeedFinding): Gathered {
    const { status: _, ...documents } = this.#documents;
    return { kind: 'bad', finding, documents };
  }

  async #listed<S extends z.ZodMiniType, T>(
    file: GbfsFile,
    links: Readonly<Record<string, string>>,
    schema: S,
    known: Kept<T> | undefined,
    take: (data: z.output<S>) => T,
  ) {
    const url = links[file];
    return url === undefined
      ? { kind: 'bad' as const, finding: missing(file) }
      : this.#kept(file, url, schema, known, take);
  }

  /** What is known is not asked for before it says so. */
  async #kept<S extends z.ZodMiniType, T>(
    file: GbfsFile,
    url: string,
    schema: S,
    known: Kept<T> | undefined,
    take: (data: z.output<S>) => T,
  ) {
    if (known !== undefined && known.until > this.#now) return { kind: 'kept' as const, kept: known, isNews: false };
    const fetched = await this.#fetcher.get(url, known?.etag);
    if (fetched.kind === 'failed') return { kind: 'bad' as const, finding: failed(file, fetched) };
    if (fetched.kind === 'same' && known !== undefined) {
      return { kind: 'kept' as const, kept: { ...known, until: this.#now + 60_000 }, isNews: false };
    }
    const read = documentIn(file, fetched.kind === 'got' ? fetched.text : '', schema);
    if (read.kind === 'bad') return read;
    const until = this.#now + Math.min(read.document.ttl * 1000, longestKept);
    const tag = fetched.kind === 'got' && fetched.etag !== undefined ? { etag: fetched.etag } : {};
    const value = take(read.document.data);
    if (JSON.stringify(value).length > mostKept) return { kind: 'bad' as const, finding: tooMuch(file) };
    return { kind: 'kept' as const, kept: { value, until, ...tag }, isNews: true };
  }
}

function urlsOf({ feeds }: z.output<typeof discovery>): Readonly<Record<string, string>> {
  return Object.fromEntries(feeds.map(({ name, url }) => [name, url]));
}

function trimmed({ vehicle_type_id, form_factor, propulsion_type, default_pricing_plan_id }: GbfsType): GbfsType {
  const plan = default_pricing_plan_id === undefined ? {} : { default_pricing_plan_id };
  return { vehicle_type_id, form_factor, propulsion_type, ...plan };
}

function tooMuch(file: GbfsFile): FeedFinding {
  const detail = `says more than ${mostKept} characters of what is needed of it`;
  return { code: 'file-too-large', pointer: `/${file}/data`, detail };
}

function missing(file: GbfsFile): FeedFinding {
  return { code: 'file-missing', pointer: '/gbfs/data/feeds', detail: `names no ${file}` };
}

function failed(file: GbfsFile, { code, detail }: { readonly code: FeedFinding['code']; readonly detail: string }) {
  return { code, pointer: `/${file}`, detail };
}
