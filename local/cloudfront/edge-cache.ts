import type { CacheTimes } from './distribution.ts';

/** An object as the edge got it, small enough to be kept. */
export interface KeptObject {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  /** ms since the Unix epoch. */
  readonly lastModified: number;
  readonly fetchedAt: number;
  readonly until: number;
}

const mostObjects = 1000;

/** What an edge answers with while it has not grown old: whoever overwrites an object is read that much later. */
export class EdgeCache {
  readonly #kept = new Map<string, KeptObject>();

  get(key: string, now: number): KeptObject | undefined {
    const kept = this.#kept.get(key);
    // A clock that was set back makes nothing young again.
    return kept !== undefined && now < kept.until && now >= kept.fetchedAt ? kept : undefined;
  }

  keep(key: string, object: KeptObject): void {
    this.#kept.delete(key);
    if (object.until <= object.fetchedAt) return;
    this.#kept.set(key, object);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > mostObjects && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** ms; CloudFront developer guide, "Specify the amount of time that CloudFront caches objects". */
export function lifetime(cacheControl: string | undefined, { least, usual, most }: CacheTimes): number {
  const said = cacheControl?.toLowerCase() ?? '';
  if (/\b(?:no-store|no-cache|private)\b/.test(said)) return least * 1000;
  const [, shared] = /\bs-maxage=(\d+)/.exec(said) ?? [];
  const [, plain] = /\bmax-age=(\d+)/.exec(said) ?? [];
  const wanted = Number(shared ?? plain ?? usual);
  return Math.min(Math.max(wanted, least), most) * 1000;
}
