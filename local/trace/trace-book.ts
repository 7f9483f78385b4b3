import type { HopRecord, TraceRecord } from './hop-record.ts';
import { Span } from './span.ts';

type Hop = Span | HopRecord;

interface Entry {
  readonly traceId: string;
  startedAt: number;
  readonly hops: Hop[];
  readonly vehicles: Set<string>;
  readonly requests: Set<string>;
  left: number;
  open: number;
  /** µs since the Unix epoch. */
  touchedAt: number;
}

/** One trace of this many hops says no more than its first thousand. */
const mostHopsOfOne = 1000;

/** The newest traces, as many as have no more hops together than the limit. */
export class TraceBook {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  readonly #hops = new Map<string, Hop>();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Hops, each counted once for every trace that it belongs to. */
  get size(): number {
    return this.#size;
  }

  hop(id: string): Hop | undefined {
    return this.#hops.get(id);
  }

  /** @param startedAt by the local clock, for a trace of which nothing is known yet */
  add(hop: Hop, startedAt: number): void {
    this.#hops.set(hop.id, hop);
    for (const traceId of hop.traces) this.#enter(traceId, hop, startedAt);
    while (this.#size > this.#limit && this.#entries.size > 1) this.#dropOldest();
  }

  /** The hop has come to its end: what is known of it by now makes it findable. */
  close(hop: Span): void {
    for (const traceId of hop.traces) {
      const entry = this.#entries.get(traceId);
      if (entry === undefined) continue;
      entry.open = Math.max(0, entry.open - 1);
      this.#index(entry, hop);
    }
  }

  /** The newest first. `id` names a vehicle, a request or a trace; undefined: all. */
  find(id: string | undefined, last: number): readonly TraceRecord[] {
    const found: Entry[] = [];
    for (const entry of [...this.#entries.values()].reverse()) {
      if (found.length >= last) break;
      const wanted = id === undefined || entry.traceId === id || entry.vehicles.has(id) || entry.requests.has(id);
      if (wanted) found.push(entry);
    }
    return found.map(recordOf);
  }

  /** Traces of which nothing goes on since `before` (µs since the Unix epoch). Queued messages may bring more later. */
  quiet(traceIds: Iterable<string>, before: number): readonly TraceRecord[] {
    return [...traceIds].flatMap((traceId) => {
      const entry = this.#entries.get(traceId);
      return entry === undefined || entry.open > 0 || entry.touchedAt > before ? [] : [recordOf(entry)];
    });
  }

  has(traceId: string): boolean {
    return this.#entries.has(traceId);
  }

  concerns(traceId: string, vehicles: Iterable<string>): boolean {
    const known = this.#entries.get(traceId)?.vehicles;
    return known !== undefined && [...vehicles].some((vehicle) => known.has(vehicle));
  }

  #enter(traceId: string, hop: Hop, startedAt: number): void {
    const entry = this.#entries.get(traceId) ?? newEntry(traceId, startedAt);
    this.#entries.set(traceId, entry);
    entry.startedAt = Math.min(entry.startedAt, startedAt);
    this.#index(entry, hop);
    if (hop instanceof Span && hop.open) entry.open += 1;
    if (entry.hops.length >= mostHopsOfOne) {
      entry.left += 1;
      return;
    }
    entry.hops.push(hop);
    this.#size += 1;
  }

  #index(entry: Entry, hop: Hop): void {
    for (const vehicle of hop.vehicles) entry.vehicles.add(vehicle);
    for (const request of hop.requests) entry.requests.add(request);
    entry.touchedAt = Math.max(entry.touchedAt, hop.at + hop.took);
  }

  #dropOldest(): void {
    const oldest = this.#entries.values().next().value;
    if (oldest === undefined) return;
    this.#entries.delete(oldest.traceId);
    this.#size -= oldest.hops.length;
    for (const { id, traces } of oldest.hops) {
      if (traces.every((traceId) => !this.#entries.has(traceId))) this.#hops.delete(id);
    }
  }
}

function newEntry(traceId: string, startedAt: number): Entry {
  return { traceId, startedAt, hops: [], vehicles: new Set(), requests: new Set(), left: 0, open: 0, touchedAt: 0 };
}

function recordOf({ traceId, startedAt, hops, left }: Entry): TraceRecord {
  const records = hops.map((hop) => (hop instanceof Span ? hop.record() : hop));
  return { traceId, startedAt, hops: records.sort((a, b) => a.at - b.at), left };
}
