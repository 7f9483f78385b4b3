import type { TraceRecord } from './hop-record.ts';
import { shapeOf, shortName } from './names.ts';
import type { Style } from './style.ts';
import { timeline } from './timeline.ts';
import type { Traces } from './traces.ts';

export interface LiveViewOptions {
  readonly traces: Pick<Traces, 'finished'>;
  readonly say: (line: string) => void;
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  /** Only what concerns this vehicle, and all of that. */
  readonly vehicleId?: string | undefined;
}

interface Shape {
  readonly name: string;
  readonly until: number;
  /** ms that each of those not shown took. */
  readonly alike: number[];
}

const lookEveryMs = 250;
/** A trace at rest for so long is told; what waits in a queue comes as its continuation. */
const restMs = 1000;
const sameShapeEveryMs = 10_000;
const remembered = 5_000;

/**
 * Tells each trace as soon as it rests. A fleet says the same thing over and over: of the traces that begin alike one
 * is told whole every ten seconds, and of the others their number and their time.
 */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #shapes = new Map<string, Shape>();
  /** How many hops of a trace were told; 0: it was counted only. */
  readonly #told = new Map<string, number>();

  constructor(options: LiveViewOptions) {
    this.#options = options;
    options.traces.finished(restMs); // from now on it notes what is under way
    this.#timer = setInterval(() => this.look(restMs, performance.now()), lookEveryMs).unref();
  }

  /** @param now ms, of a clock that only goes forward */
  look(rest: number, now: number): void {
    for (const trace of this.#options.traces.finished(rest)) this.#tell(trace, now);
    for (const [key, shape] of this.#shapes) {
      if (shape.until > now) continue;
      this.#shapes.delete(key);
      this.#count(shape);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const shape of this.#shapes.values()) this.#count(shape);
    this.#shapes.clear();
  }

  #tell(trace: TraceRecord, now: number): void {
    const { vehicleId, style, width, say } = this.#options;
    const [first] = trace.hops;
    if (first === undefined || isIdle(trace)) return;
    if (vehicleId !== undefined && !trace.hops.some(({ vehicles }) => vehicles.includes(vehicleId))) return;
    const skip = this.#told.get(trace.traceId);
    if (skip === 0) return;
    if (skip === undefined && vehicleId === undefined && this.#isAlike(trace, first.kind, first.label, now)) {
      this.#remember(trace.traceId, 0);
      return;
    }
    this.#remember(trace.traceId, trace.hops.length);
    for (const line of timeline(trace, { style, width, skip: skip ?? 0 })) say(line);
    say('');
  }

  #isAlike({ hops }: TraceRecord, kind: string, label: string, now: number): boolean {
    const name = shapeOf(label);
    const key = `${kind} ${name}`;
    const shape = this.#shapes.get(key);
    if (shape === undefined) {
      this.#shapes.set(key, { name, until: now + sameShapeEveryMs, alike: [] });
      return false;
    }
    const start = hops[0]?.at ?? 0;
    shape.alike.push((Math.max(...hops.map(({ at, took }) => at + took)) - start) / 1000);
    return true;
  }

  #count({ name, alike }: Shape): void {
    if (alike.length === 0) return;
    const sorted = alike.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const times = `median ${median.toFixed(1)} ms, worst ${(sorted.at(-1) ?? 0).toFixed(1)} ms`;
    const { say, style } = this.#options;
    say(style.dim(`+ ${alike.length} more like ${shortName(name)}: ${times}`));
    say('');
  }

  #remember(traceId: string, hops: number): void {
    this.#told.set(traceId, hops);
    const [oldest] = this.#told.keys();
    if (this.#told.size > remembered && oldest !== undefined) this.#told.delete(oldest);
  }
}

/** The broker says of itself what nobody listens to. */
function isIdle({ hops }: TraceRecord): boolean {
  return hops.length === 1 && hops[0]?.kind === 'presence';
}
