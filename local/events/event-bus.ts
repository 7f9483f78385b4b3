import { randomUUID } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { Queues } from '#local/queues/queues.ts';
import type { State } from '#local/state/collection.ts';
import { hopNow } from '#local/trace/context.ts';
import { vehiclesIn as allVehiclesIn } from '#local/trace/hop-record.ts';
import { bulkUnits } from '#local/trace/metering.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import { EventDeliveries, type PendingDelivery } from './event-deliveries.ts';
import type { BusEvent, Rule } from './rule.ts';
import type { Schedule } from './schedule.ts';

export interface EventBusesOptions {
  readonly region: string;
  readonly accountId: string;
  readonly state: State;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly queues: Queues;
  readonly invoker: LambdaInvoker;
  readonly tracing?: Tracing;
  readonly log: (line: string) => void;
}

export interface NewEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
  /** Milliseconds; the bus's time if absent. */
  readonly time?: number | undefined;
}

const remembered = 1000;

/** The account's event buses with their rules. */
export class EventBuses {
  readonly #options: EventBusesOptions;
  readonly #buses = new Set(['default']);
  readonly #rules = new Map<string, Rule>();
  readonly #recent: { readonly bus: string; readonly event: BusEvent }[] = [];
  readonly #deliveries: EventDeliveries;
  #stopped = false;

  constructor(options: EventBusesOptions) {
    this.#options = options;
    const pending = options.state.collection<PendingDelivery>('events/deliveries');
    this.#deliveries = new EventDeliveries({ ...options, pending });
  }

  addBus(name: string): void {
    this.#buses.add(name);
  }

  hasBus(name: string): boolean {
    return this.#buses.has(name);
  }

  busNames(): string[] {
    return [...this.#buses];
  }

  busArn(name: string): string {
    return `arn:aws:events:${this.#options.region}:${this.#options.accountId}:event-bus/${name}`;
  }

  ruleArn(busName: string, name: string): string {
    const bus = busName === 'default' ? '' : `${busName}/`;
    return `arn:aws:events:${this.#options.region}:${this.#options.accountId}:rule/${bus}${name}`;
  }

  addRule(rule: Rule): void {
    if (this.#rules.has(rule.arn)) throw new Error(`A rule ${rule.arn} exists already.`);
    this.#rules.set(rule.arn, rule);
  }

  /** Begins with the schedules and with what a former process had to deliver. Call it when the whole template is in place. */
  start(): void {
    this.#deliveries.resume(this.#rules);
    for (const rule of this.#rules.values()) if (rule.schedule !== undefined) this.#plan(rule, rule.schedule);
  }

  stop(): void {
    this.#stopped = true;
    this.#deliveries.stop();
  }

  /** The last events of a bus, the newest last. */
  recent(busName: string): BusEvent[] {
    return this.#recent.filter(({ bus }) => bus === busName).map(({ event }) => event);
  }

  /** Hands an event to every rule that wants it. When it returns the event's id, the deliveries are on disk. */
  put(busName: string, put: NewEvent): string {
    const event = this.#event(put);
    this.#recent.push({ bus: busName, event });
    if (this.#recent.length > remembered) this.#recent.shift();
    const units = {
      busEvents: put.source.startsWith('aws.') ? 0 : bulkUnits(JSON.stringify(put.detail ?? null).length),
    };
    hopNow({ kind: 'event', label: `${put.detailType} on ${busName}`, units, vehicles: vehiclesIn(event) }, () => {
      for (const rule of this.#rules.values()) {
        if (rule.busName === busName && rule.pattern?.(event) === true) this.#deliveries.begin(rule, event);
      }
    });
    return event.id;
  }

  #event({ source, detailType, detail, resources = [], time }: NewEvent): BusEvent {
    const { accountId, clock, region } = this.#options;
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: accountId,
      time: new Date(time ?? clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region,
      resources,
      detail,
    };
  }

  #plan(rule: Rule, schedule: Schedule): void {
    const { clock } = this.#options;
    const due = schedule(clock.now());
    if (due === undefined) return;
    const wait = () => {
      const ms = due - clock.now();
      clock.after(ms, () => {
        if (this.#stopped) return;
        const left = due - clock.now();
        // The clock was set back meanwhile: what was due in that future is not.
        if (left >= ms) return this.#plan(rule, schedule);
        // A timer holds 24 days at most.
        if (left > 0) return wait();
        const event = this.#event({
          source: 'aws.events',
          detailType: 'Scheduled Event',
          detail: {},
          resources: [rule.arn],
          time: due,
        });
        const { tracing = noTracing } = this.#options;
        void tracing.begin({ kind: 'schedule', label: rule.name }, () => this.#deliveries.begin(rule, event));
        this.#plan(rule, schedule);
      });
    };
    wait();
  }
}

/** Of the detail nothing is kept but whom it concerns. */
function vehiclesIn({ detail }: BusEvent): readonly string[] {
  return allVehiclesIn(JSON.stringify(detail ?? null));
}
