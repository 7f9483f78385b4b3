import { randomUUID } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import { consumed, hop, noted, outcome } from '#local/trace/context.ts';
import { iotUnits } from '#local/trace/metering.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import type { ReservedTopics, Tap } from '../broker/core.ts';
import type { Message } from '../broker/message.ts';
import { inOrder } from '../registry/records.ts';
import { type CompiledRule, compileRule } from '../sql/rule.ts';
import type { RuleMessage } from '../sql/sql-function.ts';
import { type ActionPorts, type Output, type ReadyAction, readyAction } from './actions.ts';
import type { ActionFailure, RuleDefinition, RuleFailure } from './rule-definition.ts';

export interface RulesEngineOptions extends ActionPorts {
  readonly clock: LocalClock;
  readonly faults: Faults;
  readonly log: (line: string) => void;
  /** How long to wait before each further try of an action, in ms. */
  readonly retries?: readonly number[];
}

export interface Rule extends RuleDefinition {
  readonly createdAt: Instant;
}

interface ReadyRule extends Rule {
  readonly compiled: CompiledRule;
  readonly ready: readonly ReadyAction[];
  readonly onError: ReadyAction | undefined;
}

const basicIngest = /^\$aws\/rules\/([a-zA-Z0-9_]+)\/(.+)$/s;

/**
 * Topic rules. A message is taken once every action of every matching rule has succeeded or its failure was
 * handed to the error action, so that what a device saw acknowledged is not lost when the process dies.
 */
export class RulesEngine {
  readonly #options: RulesEngineOptions;
  readonly #rules = new Map<string, ReadyRule>();

  constructor(options: RulesEngineOptions) {
    this.#options = options;
  }

  /** Throws on SQL or a substitution template that is not understood. */
  put(definition: RuleDefinition): void {
    const { ruleName, sql, actions, errorAction } = definition;
    const ready = (action: RuleDefinition['actions'][number]) => readyAction(action, ruleName, this.#options);
    this.#rules.set(ruleName, {
      ...definition,
      createdAt: this.#options.clock.now(),
      compiled: compileRule(sql),
      ready: actions.map(ready),
      onError: errorAction === undefined ? undefined : ready(errorAction),
    });
  }

  find(ruleName: string): Rule | undefined {
    return this.#rules.get(ruleName);
  }

  /** The rule with the filter of its FROM clause. */
  list(): readonly (Rule & { readonly topicPattern: string | undefined })[] {
    const rules = [...this.#rules.values()].map((rule) => ({ ...rule, topicPattern: rule.compiled.from }));
    return inOrder(rules, ({ ruleName }) => ruleName);
  }

  /** For the broker's `tap`: every published message goes through the rules whose filter it matches. */
  readonly tap: Tap = async (message) => {
    const asked = this.#ruleMessage(message, message.topic);
    const matching = [...this.#rules.values()].filter((rule) => !rule.disabled && rule.compiled.matches(message.topic));
    await Promise.all(matching.map((rule) => this.#evaluate(rule, asked)));
  };

  /** For the broker's `reserve`: `$aws/rules/<rule>/<topic>` goes to that rule alone and to no subscriber. */
  readonly basicIngest: ReservedTopics = {
    handles: (topic) => basicIngest.test(topic),
    handle: async (message) => {
      const [, ruleName = '', topic = ''] = basicIngest.exec(message.topic) ?? [];
      const rule = this.#rules.get(ruleName);
      if (rule === undefined || rule.disabled) {
        this.#options.log(`Basic Ingest to ${ruleName}, which is no enabled rule, went nowhere`);
        return;
      }
      const { from } = rule.compiled;
      if (from === undefined || rule.compiled.matches(topic))
        await this.#evaluate(rule, this.#ruleMessage(message, topic));
    },
  };

  #ruleMessage({ payload, timestamp, clientId, principal }: Message, topic: string): RuleMessage {
    const { accountId } = this.#options.arns;
    const overMqtt = clientId !== undefined;
    return { topic, payload, timestamp, accountId, clientId, principal, traceId: overMqtt ? randomUUID() : undefined };
  }

  #evaluate(rule: ReadyRule, message: RuleMessage): Promise<void> {
    const metered = iotUnits(message.payload.length);
    return hop({ kind: 'rule', label: rule.ruleName, units: { ruleTriggers: metered } }, () =>
      this.#apply(rule, message),
    );
  }

  async #apply(rule: ReadyRule, message: RuleMessage): Promise<void> {
    let output: Output;
    try {
      const result = rule.compiled.run(message);
      if (!result.fired) return outcome('did not match');
      output = Buffer.isBuffer(result.output) ? result.output : { json: result.output };
    } catch (error) {
      this.#options.log(`rule ${rule.ruleName} on ${message.topic}: ${String(error)}`);
      return outcome('failed: SQL');
    }
    consumed({ ruleActions: iotUnits(message.payload.length) * rule.ready.length });
    const outcomes = await Promise.all(rule.ready.map((action) => this.#perform(rule, action, output, message)));
    const failures = outcomes.filter((outcome) => outcome !== undefined);
    if (failures.length > 0) outcome(`failed: ${failures.map(({ failedAction }) => failedAction).join(', ')}`);
    if (failures.length > 0) await this.#fail(rule, failures, message);
  }

  /** Tries an action several times; answers the failure when the last try failed too. */
  async #perform(
    { ruleName }: Rule,
    action: ReadyAction,
    output: Output,
    message: RuleMessage,
  ): Promise<ActionFailure | undefined> {
    const waits = this.#options.retries ?? [100, 400];
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#attempt(ruleName, action, output, message);
        return undefined;
      } catch (error) {
        const wait = waits[attempt];
        const errorMessage = error instanceof Error ? error.message : String(error);
        this.#options.log(`rule ${ruleName}, ${action.failedAction} on ${message.topic}: ${errorMessage}`);
        noted(`attempt ${attempt + 1} failed`);
        if (wait === undefined) {
          return { failedAction: action.failedAction, failedResource: action.failedResource, errorMessage };
        }
        await new Promise<void>((resolve) => {
          this.#options.clock.after(wait, resolve);
        });
      }
    }
  }

  async #attempt(ruleName: string, action: ReadyAction, output: Output, message: RuleMessage): Promise<void> {
    const fate = await this.#options.faults.at('rule', ruleName);
    if (fate.kind === 'drop') return;
    if (fate.kind === 'fail') throw fate.error;
    await action.run(output, message);
    if (fate.kind === 'duplicate') await action.run(output, message);
  }

  async #fail(rule: ReadyRule, failures: readonly ActionFailure[], message: RuleMessage): Promise<void> {
    const { ruleName, onError } = rule;
    if (onError === undefined) return;
    const report: RuleFailure = {
      ruleName,
      topic: message.topic,
      cloudwatchTraceId: message.traceId ?? randomUUID(),
      clientId: message.clientId ?? 'N/A',
      base64OriginalPayload: message.payload.toString('base64'),
      failures,
    };
    try {
      await onError.run({ json: report }, message);
    } catch (error) {
      this.#options.log(`rule ${ruleName}: the error action failed too, the message is lost: ${String(error)}`);
    }
  }
}
