import { AwsError } from '#local/aws-error.ts';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import { throttlingErrors } from '#local/faults/known-errors.ts';
import type { LambdaInvoker } from '#local/lambda/invoker.ts';
import type { Queues } from '#local/queues/queues.ts';
import type { Collection } from '#local/state/collection.ts';
import { hop } from '#local/trace/context.ts';
import type { BusEvent, Rule, Target } from './rule.ts';

/** An accepted event on its way to one target, as it is kept on disk until it is there or given up. */
export interface PendingDelivery {
  readonly ruleArn: string;
  readonly targetId: string;
  readonly event: BusEvent;
  readonly begunAt: number;
}

export interface EventDeliveriesOptions {
  readonly pending: Collection<PendingDelivery>;
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly queues: Queues;
  readonly invoker: LambdaInvoker;
  readonly log: (line: string) => void;
}

const longestDelayMs = 60_000;

/** Brings events to the targets of rules, at least once: what was taken survives `kill -9`. */
export class EventDeliveries {
  readonly #options: EventDeliveriesOptions;
  /** What this process delivers already. */
  readonly #underWay = new Set<string>();
  #stopped = false;

  constructor(options: EventDeliveriesOptions) {
    this.#options = options;
  }

  /** Every delivery is on disk when this returns. */
  begin(rule: Rule, event: BusEvent): void {
    for (const target of rule.targets) {
      const id = `${event.id}/${rule.arn}/${target.id}`;
      const begunAt = this.#options.clock.now();
      this.#options.pending.set(id, { ruleArn: rule.arn, targetId: target.id, event, begunAt });
      void this.#deliver(id, rule, target, event, begunAt);
    }
  }

  /** Takes up what a former process left. */
  resume(rules: ReadonlyMap<string, Rule>): void {
    const { log, pending } = this.#options;
    for (const [id, { ruleArn, targetId, event, begunAt }] of [...pending.entries()]) {
      if (this.#underWay.has(id)) continue;
      const rule = rules.get(ruleArn);
      const target = rule?.targets.find((one) => one.id === targetId);
      if (rule !== undefined && target !== undefined) void this.#deliver(id, rule, target, event, begunAt);
      else {
        log(`${ruleArn}: an event waited for ${targetId}, which the template no longer has; dropped`);
        pending.delete(id);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #deliver(id: string, rule: Rule, target: Target, event: BusEvent, begunAt: number): Promise<void> {
    this.#underWay.add(id);
    await this.#bring(rule, target, event, begunAt);
    this.#underWay.delete(id);
    // Stopped on its way, it stays for the next start.
    if (!this.#stopped) this.#options.pending.delete(id);
  }

  async #bring(rule: Rule, target: Target, event: BusEvent, begunAt: number): Promise<void> {
    const { clock, log } = this.#options;
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        const to = target.arn.slice(target.arn.lastIndexOf(':') + 1);
        await hop({ kind: 'event', label: `${rule.name} → ${to}` }, () => this.#attempt(rule, target, event));
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log(`rule ${rule.name} → ${target.arn}: ${reason}`);
        const aged = clock.now() - begunAt >= target.maximumAgeSeconds * 1000;
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
  return error instanceof AwsError && error.status < 500 && !throttlingErrors.has(error.name);
}

function asText(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
