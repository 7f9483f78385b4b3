import { Construct } from 'constructs';
import type { ReportChannel } from '#shared/vehicle-cloud/device-post.ts';
import type { Road } from '#shared/vehicle-cloud/posted-event.ts';
import { type RuleNames, ruleNames, ruleTopicFilters } from '#shared/vehicle-cloud/topics.ts';
import type { House } from '../parts/house.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import { LastStop } from '../parts/queues.ts';
import { type RuleTarget, TopicRule } from '../parts/topic-rule.ts';

type PresenceRule = 'presence' | 'sharingPresence';
type ReportRule = keyof Omit<RuleNames, PresenceRule>;

/** By the rule, the channel under which another home posts the same. */
const channels: Readonly<Record<ReportRule, ReportChannel>> = {
  ...{ telemetry: 'telemetry', inventory: 'inventory', replies: 'replies' },
  ...{ claimCodes: 'codes', updates: 'updates', sharing: 'sharing' },
};

/**
 * What the roads from the vehicles share: how a report is selected, whom it reaches on either way (a topic rule, or a
 * post of another home), and where a broken one ends.
 */
export class Ingest extends Construct {
  /** Messages whose rule action failed, with AWS IoT's reason. */
  readonly failures: LastStop;
  readonly #quarantine: LastStop;
  readonly #house: House;
  readonly #stops: { readonly road: Road; readonly target: RuleTarget }[] = [];

  constructor(scope: Construct, id: string, house: House) {
    super(scope, id);
    this.#house = house;
    this.failures = new LastStop(
      this,
      'RuleFailures',
      house,
      'rule-failures',
      'A topic rule could not deliver a message',
    );
    this.#quarantine = new LastStop(
      this,
      'Quarantine',
      house,
      'telemetry-quarantine',
      'A vehicle sent what no schema allows: message and reason lie in quarantine',
    );
  }

  /**
   * Reports of vehicles. The payload goes on in base64 (so a broken one arrives too) and the vehicle is the one in the
   * topic, which its certificate allows, never one in the payload.
   */
  reports(id: string, kind: ReportRule, target: RuleTarget): void {
    new TopicRule(this, `${id}Rule`, {
      ruleName: ruleNames(this.#house.settings.stage)[kind],
      description: `Reports of vehicles: ${kind}`,
      sql: `SELECT encode(*, 'base64') AS payload, timestamp() AS receivedAt, topic(2) AS vehicleId FROM '${ruleTopicFilters[kind]}'`,
      target,
      failures: this.failures,
    });
    this.#stops.push({ road: channels[kind], target });
  }

  /**
   * Connections of vehicles. Each listener has a rule of its own.
   *
   * @param clients which client ids, as a condition on `topic(5)`
   */
  presence(
    scope: Construct,
    kind: PresenceRule,
    { clients, description, listener }: { clients: string; description: string; listener: HouseFunction },
  ): void {
    const target: RuleTarget = { kind: 'function', function: listener };
    new TopicRule(scope, 'PresenceRule', {
      ruleName: ruleNames(this.#house.settings.stage)[kind],
      ...{ description, target, failures: this.failures },
      sql: `SELECT * FROM '${ruleTopicFilters[kind]}' WHERE ${clients}`,
    });
    this.#stops.push({ road: 'presence', target });
  }

  mayQuarantine(fn: HouseFunction): void {
    fn.addEnvironment('QUARANTINE_QUEUE_URL', this.#quarantine.queueUrl);
    fn.may(['sqs:SendMessage'], this.#quarantine.queueArn);
  }

  /** Lets a function hand on what another home posts, to whom the rules hand it on: to be called when these all stand. */
  mayHandOn(fn: HouseFunction): void {
    const map: Partial<Record<Road, object[]>> = {};
    for (const { road, target } of this.#stops) map[road] = [...(map[road] ?? []), nameOf(target)];
    fn.addEnvironment('EVENT_ROADS', JSON.stringify(map));
    for (const { target } of this.#stops) {
      if (target.kind === 'queue') fn.may(['sqs:SendMessage'], target.queue.queueArn);
      else fn.may(['lambda:InvokeFunction'], target.function.functionArn);
    }
  }
}

function nameOf(target: RuleTarget): Readonly<Record<string, string>> {
  return target.kind === 'queue' ? { queue: target.queue.queueUrl } : { function: target.function.functionName };
}
