import { AwsError } from '#local/aws-error.ts';
import { type HopKind, type HopRecord, type Units, vehiclesIn } from './hop-record.ts';
import { newHopId, writeTraceHeader } from './trace-header.ts';

/** Where a message is: the concrete topic, rule, table and operation …, in the words of the fault engine's labels. */
export interface Place {
  readonly kind: HopKind;
  readonly label: string;
  readonly units?: Units;
  readonly notes?: readonly string[];
  /** Vehicles beside those in the label. */
  readonly vehicles?: readonly string[];
  /** The ids under which callers know this request. */
  readonly requests?: readonly string[];
}

/** Where a span stands. */
export interface Origin {
  readonly traces: readonly string[];
  readonly parents: readonly string[];
  readonly shares: number;
}

/** µs since the Unix epoch. */
function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** A hop while it lasts. */
export class Span implements Origin {
  readonly id: string;
  readonly kind: HopKind;
  readonly label: string;
  readonly traces: readonly string[];
  readonly parents: readonly string[];
  readonly shares: number;
  readonly at: number;
  took = 0;
  outcome = 'ok';
  readonly notes: string[];
  readonly vehicles: Set<string>;
  readonly requests: Set<string>;
  #units: Record<string, number>;
  #open = true;

  constructor(
    { kind, label, units, notes = [], vehicles = [], requests = [] }: Place,
    origin: Origin,
    id = newHopId(),
  ) {
    this.id = id;
    this.kind = kind;
    this.label = label;
    this.traces = origin.traces;
    this.parents = origin.parents;
    this.shares = origin.shares;
    this.at = microseconds();
    this.notes = [...notes];
    this.vehicles = new Set([...vehiclesIn(label), ...vehicles]);
    this.requests = new Set(requests);
    this.#units = { ...units };
  }

  get open(): boolean {
    return this.#open;
  }

  get units(): Units {
    return this.#units;
  }

  consume(units: Units): void {
    for (const [name, value] of Object.entries(units)) this.#units[name] = (this.#units[name] ?? 0) + value;
  }

  /** With which a message or a call carries the trace on. */
  header(sampled = true): string {
    return writeTraceHeader(this.traces[0] ?? '', this.id, sampled);
  }

  /** With which an API tells its function the trace. */
  get rootHeader(): string {
    return `Root=${this.traces[0] ?? ''}`;
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.took = Math.max(0, microseconds() - this.at);
  }

  fail(error: unknown): void {
    const name = error instanceof Error ? error.constructor.name : 'Error';
    if (error instanceof AwsError) this.outcome = `${error.status < 500 ? 'refused' : 'failed'}: ${error.name}`;
    // Services of the cloud say no in a form of their own, as shadows do: with a status.
    else this.outcome = `${name.endsWith('Rejection') ? 'refused' : 'failed'}: ${name}`;
  }

  record(): HopRecord {
    const { id, kind, label, traces, parents, at, took, units, shares, notes, vehicles, requests } = this;
    const outcome = this.#open ? 'under way' : this.outcome;
    return {
      ...{ id, kind, label, traces: [...traces], parents: [...parents], at, units, shares, outcome, notes: [...notes] },
      ...{ took: this.#open ? Math.max(0, microseconds() - at) : took },
      ...{ vehicles: [...vehicles], requests: [...requests] },
    };
  }
}
