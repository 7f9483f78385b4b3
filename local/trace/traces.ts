import type { Clock } from '#shared/kernel/clock.ts';
import { currentSpan, hop, hopNow, inside, spanning, spanningNow, type Tracer } from './context.ts';
import { ExpectedReplies, type ReplyTo } from './expected-replies.ts';
import type { TraceRecord } from './hop-record.ts';
import type { TraceJournal } from './journal.ts';
import { type Origin, type Place, Span } from './span.ts';
import { TraceBook } from './trace-book.ts';
import { newTraceId, readTraceHeader } from './trace-header.ts';

/** Where messages enter, and where they go on after they waited. */
export interface Tracing {
  /** A message enters here: a new trace, unless it is part of what already has one. */
  begin<T>(place: Place, work: () => T | Promise<T>, header?: string): Promise<T>;
  /** The same for what does not wait. */
  beginNow<T>(place: Place, work: () => T): T;
  /** Messages that waited with these headers go on, in one hop for all of them. */
  resume<T>(headers: readonly (string | undefined)[], place: Place, work: () => T | Promise<T>): Promise<T>;
  /** A hop, for a moment, of the message that carried the header. */
  resumeNow<T>(header: string | undefined, place: Place, work: () => T): T;
  /** What a hop that is known does next, for instance a call of a running function. False: it is not known. */
  knows(header: string | undefined): boolean;
  within<T>(header: string | undefined, work: () => T): T;
  /** From now on an answer of the client to this topic belongs to the present trace. */
  expectReply(reply: Omit<ReplyTo, 'header'>): void;
  /** The headers of the deliveries that this message answers. */
  answered(topic: string, clientId: string, correlation: Buffer | undefined, payload: Buffer): readonly string[];
}

/** For parts that stand alone: nothing is noted, everything runs. */
export const noTracing: Tracing = {
  begin: async (_, work) => work(),
  beginNow: (_, work) => work(),
  resume: async (_, __, work) => work(),
  resumeNow: (_, __, work) => work(),
  knows: () => false,
  within: (_, work) => work(),
  expectReply: () => {},
  answered: () => [],
};

export interface TracesOptions {
  readonly clock: Clock;
  /** Hops that are kept in memory. */
  readonly limit: number;
  readonly journal?: TraceJournal | undefined;
}

/** Every message's way through the local cloud, the newest ones. */
export class Traces implements Tracing, Tracer {
  readonly #clock: Clock;
  readonly #book: TraceBook;
  readonly #journal: TraceJournal | undefined;
  readonly #replies: ExpectedReplies;
  readonly #touched = new Set<string>();
  #watched = false;

  constructor({ clock, limit, journal }: TracesOptions) {
    this.#clock = clock;
    this.#book = new TraceBook(limit);
    this.#journal = journal;
    this.#replies = new ExpectedReplies();
    for (const { startedAt, ...hop } of journal?.load(limit) ?? []) this.#book.add(hop, startedAt);
  }

  /** Hops in memory. */
  get size(): number {
    return this.#book.size;
  }

  /** The newest first. `id`: a vehicle, a request or a trace; undefined: all. */
  find(id?: string, last = 100): readonly TraceRecord[] {
    return this.#book.find(id, last);
  }

  /** What was under way since the last call and rests for so many ms; from the first call on. */
  finished(restMs: number): readonly TraceRecord[] {
    this.#watched = true;
    const before = (performance.timeOrigin + performance.now() - restMs) * 1000;
    for (const traceId of this.#touched) if (!this.#book.has(traceId)) this.#touched.delete(traceId);
    const done = this.#book.quiet(this.#touched, before);
    for (const { traceId } of done) this.#touched.delete(traceId);
    return done;
  }

  begin<T>(place: Place, work: () => T | Promise<T>, header?: string): Promise<T> {
    if (currentSpan() !== undefined) return hop(place, work);
    return spanning(new Span(place, this.#birth(header)), this, work);
  }

  beginNow<T>(place: Place, work: () => T): T {
    if (currentSpan() !== undefined) return hopNow(place, work);
    return spanningNow(new Span(place, this.#birth(undefined)), this, work);
  }

  resume<T>(headers: readonly (string | undefined)[], place: Place, work: () => T | Promise<T>): Promise<T> {
    return spanning(new Span(place, this.#originOf(headers)), this, work);
  }

  resumeNow<T>(header: string | undefined, place: Place, work: () => T): T {
    return header === undefined ? work() : spanningNow(new Span(place, this.#originOf([header])), this, work);
  }

  knows(header: string | undefined): boolean {
    return this.#spanOf(header) !== undefined;
  }

  within<T>(header: string | undefined, work: () => T): T {
    const span = this.#spanOf(header);
    return span === undefined ? work() : inside(span, this, work);
  }

  expectReply(reply: Omit<ReplyTo, 'header'>): void {
    const header = currentSpan()?.header();
    if (header !== undefined) this.#replies.expect({ ...reply, header }, Date.now());
  }

  answered(topic: string, clientId: string, correlation: Buffer | undefined, payload: Buffer): readonly string[] {
    return this.#replies.take({ topic, clientId, correlation, payload }, Date.now());
  }

  began(span: Span): void {
    this.#book.add(span, this.#clock.now());
  }

  ended(span: Span): void {
    this.#book.close(span);
    this.#journal?.write(span, this.#clock.now() - span.took / 1000);
    if (this.#watched) for (const traceId of span.traces) this.#touched.add(traceId);
  }

  narrowed(traces: readonly string[], vehicles: Iterable<string>): readonly string[] {
    const concerned = traces.filter((traceId) => this.#book.concerns(traceId, vehicles));
    return concerned.length === 0 ? traces : concerned;
  }

  close(): void {
    this.#journal?.close();
  }

  #birth(header: string | undefined): Origin {
    const root = readTraceHeader(header)?.root ?? newTraceId(this.#clock.now());
    return { traces: [root], parents: [], shares: 1 };
  }

  /** A header of a former process, or of another caller, goes on with its trace though the hop is not known. */
  #originOf(headers: readonly (string | undefined)[]): Origin {
    const traces = new Set<string>();
    const parents = new Set<string>();
    for (const text of headers) {
      const header = readTraceHeader(text);
      if (header === undefined) {
        traces.add(newTraceId(this.#clock.now()));
        continue;
      }
      const known = header.parent === undefined ? undefined : this.#book.hop(header.parent);
      for (const traceId of known?.traces ?? [header.root]) traces.add(traceId);
      if (header.parent !== undefined) parents.add(header.parent);
    }
    return { traces: [...traces], parents: [...parents], shares: Math.max(headers.length, traces.size) };
  }

  #spanOf(text: string | undefined): Span | undefined {
    const parent = readTraceHeader(text)?.parent;
    const known = parent === undefined ? undefined : this.#book.hop(parent);
    return known instanceof Span ? known : undefined;
  }
}
