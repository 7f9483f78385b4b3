import { AsyncLocalStorage } from 'node:async_hooks';
import type { Units } from './hop-record.ts';
import { type Origin, type Place, Span } from './span.ts';

/** Whoever keeps the spans. */
export interface Tracer {
  began(span: Span): void;
  ended(span: Span): void;
  /** Those of the traces that concern one of these vehicles; all where none does. */
  narrowed(traces: readonly string[], vehicles: Iterable<string>): readonly string[];
}

interface Here {
  readonly span: Span;
  readonly tracer: Tracer;
}

const here = new AsyncLocalStorage<Here>();

/** The hop of which what runs now is a part. Undefined: nothing that runs now belongs to a message. */
export function currentSpan(): Span | undefined {
  return here.getStore()?.span;
}

/** What a message that waits in a queue carries, so that its trace goes on when it is taken out. */
export function currentHeader(): string | undefined {
  return currentSpan()?.header();
}

/** Runs work as a part of a hop that stands elsewhere in its trace. */
export function inside<T>(span: Span, tracer: Tracer, work: () => T): T {
  return here.run({ span, tracer }, work);
}

/** Takes the whole way of `work` as one hop. Where no message is on its way, it just runs. */
export function hop<T>(place: Place, work: () => T | Promise<T>): Promise<T> {
  const at = here.getStore();
  return at === undefined ? direct(work) : spanning(childOf(at, place), at.tracer, work);
}

/** The same for what does not wait. */
export function hopNow<T>(place: Place, work: () => T): T {
  const at = here.getStore();
  return at === undefined ? work() : spanningNow(childOf(at, place), at.tracer, work);
}

/** What the present hop consumes beside what it was begun with. */
export function consumed(units: Units): void {
  currentSpan()?.consume(units);
}

export function noted(note: string): void {
  currentSpan()?.notes.push(note);
}

export function outcome(text: string): void {
  const span = currentSpan();
  if (span !== undefined) span.outcome = text;
}

export async function spanning<T>(span: Span, tracer: Tracer, work: () => T | Promise<T>): Promise<T> {
  tracer.began(span);
  try {
    return await inside(span, tracer, work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
    tracer.ended(span);
  }
}

export function spanningNow<T>(span: Span, tracer: Tracer, work: () => T): T {
  tracer.began(span);
  try {
    return inside(span, tracer, work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
    tracer.ended(span);
  }
}

function childOf({ span, tracer }: Here, place: Place): Span {
  const child = new Span(place, { traces: span.traces, parents: [span.id], shares: span.shares });
  return span.shares === 1 ? child : narrow(child, place, tracer);
}

/** In a batch, what concerns one vehicle belongs to that vehicle's messages alone. */
function narrow(child: Span, place: Place, tracer: Tracer): Span {
  const traces = tracer.narrowed(child.traces, child.vehicles);
  if (traces === child.traces) return child;
  const origin: Origin = { traces, parents: child.parents, shares: traces.length };
  return new Span(place, origin, child.id);
}

async function direct<T>(work: () => T | Promise<T>): Promise<T> {
  return work();
}
