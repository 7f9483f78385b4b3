import { randomUUID } from 'node:crypto';
import { AwsError } from '#local/aws-error.ts';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { Queues } from '#local/queues/queues.ts';
import { hop, hopNow } from '#local/trace/context.ts';
import { vehiclesIn as allVehiclesIn } from '#local/trace/hop-record.ts';
import { bulkUnits } from '#local/trace/metering.ts';
import { noTracing, type Tracing } from '#local/trace/traces.ts';
import type { EventPattern } from './event-pattern.ts';
import type { Schedule } from './schedule.ts';

/** An event as rules and targets see it (EventBridge user guide, "Event structure"). */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Target {
  readonly id: string;
  readonly arn: string;
  /** What the target gets of the event. */
  readonly input: (event: BusEvent) => unknown;
  readonly deadLetterArn: string | undefined;
  readonly maximumRetries: number;
  readonly maximumAgeSeconds: number;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: EventPattern | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
}

export interface EventBusesOptions {
  readonly region: string;
  readonly accountId: string;
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
const longestDelayMs = 60_000;

/** The account's event buses with their rules. */
export class EventBuses {
  readonly #options: EventBusesOptions;
  readonly #buses = new Set(['default']);
  readonly #rules = new Map<string, Rule>();
  readonly #recent: { readonly bus: string; readonly event: BusEvent }[] = [];
  #stopped = false;

  constructor(options: EventBusesOptions) {
    this.#options = options;
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

  /** Begins with the schedules. Call it when the whole template is in place. */
  start(): void {
    for (const rule of this.#rules.values()) if (rule.schedule !== undefined) this.#plan(rule, rule.schedule);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The last events of a bus, the newest last. */
  recent(busName: string): BusEvent[] {
    return this.#recent.filter(({ bus }) => bus === busName).map(({ event }) => event);
  }

  /** Hands an event to every rule that wants it. Returns its id once targets are under way. */
  put(busName: string, put: NewEvent): string {
    const event = this.#event(put);
    this.#recent.push({ bus: busName, event });
    if (this.#recent.length > remembered) this.#recent.shift();
    const units = {
      busEvents: put.source.startsWith('aws.') ? 0 : bulkUnits(JSON.stringify(put.detail ?? null).length),
    };
    hopNow({ kind: 'event', label: `${put.detailType} on ${busName}`, units, vehicles: vehiclesIn(event) }, () => {
      for (const rule of this.#rules.values()) {
        if (rule.busName === busName && rule.pattern?.(event) === true) this.#deliverAll(rule, event);
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
    const wait = () =>
      clock.after(due - clock.now(), () => {
        if (this.#stopped) return;
        // A timer holds 24 days at most.
        if (clock.now() < due) return void wait();
        const event = this.#event({
          source: 'aws.events',
          detailType: 'Scheduled Event',
          detail: {},
          resources: [rule.arn],
          time: due,
        });
        const { tracing = noTracing } = this.#options;
        void tracing.begin({ kind: 'schedule', label: rule.name }, () => this.#deliverAll(rule, event));
        this.#plan(rule, schedule);
      });
    wait();
  }

  #deliverAll(rule: Rule, event: BusEvent): void {
    for (const target of rule.targets) void this.#deliver(rule, target, event);
  }

  async #deliver(rule: Rule, target: Target, event: BusEvent): Promise<void> {
    const { clock, log } = this.#options;
    const begun = clock.now();
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        const to = target.arn.slice(target.arn.lastIndexOf(':') + 1);
        await hop({ kind: 'event', label: `${rule.name} → ${to}` }, () => this.#attempt(rule, target, event));
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log(`rule ${rule.name} → ${target.arn}: ${reason}`);
        const aged = clock.now() - begun >= target.maximumAgeSeconds * 1000;
        if (isFinal(error) || attempt >= target.maximumRetries || aged) {
          return this.#giveUp(rule, target, event, error, attempt);
        }
        await new Promise<void>((resolve) => {
          clock.after(Math.min(longestDelayMs, 200 * 2 ** attempt), resolve);
        });
      }
    }
  }

  async #attempt(rule: Rule, target: Target, event: BusEvent): Promise<void> {
    const fate = await this.#options.faults.at('event', rule.name);
    if (fate.kind === 'fail') throw fate.error;
    if (fate.kind === 'drop') throw new Error('The event did not reach its target.');
    if (fate.kind === 'duplicate') await this.#send(rule, target, event);
    await this.#send(rule, target, event);
  }

  async #send(rule: Rule, { arn, input }: Target, event: BusEvent): Promise<void> {
    const { invoker, queues } = this.#options;
    const payload = input(event);
    if (arn.startsWith('arn:aws:sqs:')) {
      await queues.send({ kind: 'service', name: 'events.amazonaws.com', sourceArn: rule.arn }, arn, asText(payload));
      return;
    }
    const source = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: rule.arn } as const;
    await invoker.invokeLater(arn, payload, source);
  }

  async #giveUp(rule: Rule, target: Target, event: BusEvent, error: unknown, attempts: number): Promise<void> {
    if (target.deadLetterArn === undefined) return;
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const attributes = {
      RULE_ARN: text(rule.arn),
      TARGET_ARN: text(target.arn),
      ERROR_CODE: text(error instanceof AwsError ? error.name : 'INTERNAL_ERROR'),
      ERROR_MESSAGE: text((error instanceof Error ? error.message : String(error)).slice(0, 1024)),
      RETRY_ATTEMPTS: { DataType: 'Number', StringValue: String(attempts) },
    };
    const sender = { kind: 'service', name: 'events.amazonaws.com', sourceArn: rule.arn } as const;
    try {
      await this.#options.queues.send(sender, target.deadLetterArn, JSON.stringify(event), { attributes });
    } catch (lost) {
      this.#options.log(`rule ${rule.name}: ${lost instanceof Error ? lost.message : String(lost)}`);
    }
  }
}

/** Missing permissions and missing targets do not heal by waiting; EventBridge does not retry them either. */
function isFinal(error: unknown): boolean {
  return error instanceof AwsError && error.status < 500 && error.name !== 'TooManyRequestsException';
}

/** Of the detail nothing is kept but whom it concerns. */
function vehiclesIn({ detail }: BusEvent): readonly string[] {
  return allVehiclesIn(JSON.stringify(detail ?? null));
}

function asText(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
