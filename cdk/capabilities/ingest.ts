import { Construct } from 'constructs';
import { type RuleNames, ruleNames, ruleTopicFilters } from '#shared/vehicle-cloud/topics.ts';
import type { House } from '../parts/house.ts';
import type { HouseFunction } from '../parts/house-function.ts';
import { LastStop } from '../parts/queues.ts';
import { type RuleTarget, TopicRule } from '../parts/topic-rule.ts';

/** What the roads from the vehicles share: how a report is selected, and where a broken one ends. */
export class Ingest extends Construct {
  /** Messages whose rule action failed, with AWS IoT's reason. */
  readonly failures: LastStop;
  readonly #quarantine: LastStop;
  readonly #house: House;

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
   * A rule for reports of vehicles. The payload goes on in base64 (so a broken one arrives too) and the
   * vehicle is the one in the topic, which its certificate allows, never one in the payload.
   */
  reports(id: string, kind: keyof Omit<RuleNames, 'presence' | 'sharingPresence'>, target: RuleTarget): void {
    new TopicRule(this, `${id}Rule`, {
      ruleName: ruleNames(this.#house.settings.stage)[kind],
      description: `Reports of vehicles: ${kind}`,
      sql: `SELECT encode(*, 'base64') AS payload, timestamp() AS receivedAt, topic(2) AS vehicleId FROM '${ruleTopicFilters[kind]}'`,
      target,
      failures: this.failures,
    });
  }

  mayQuarantine(fn: HouseFunction): void {
    fn.addEnvironment('QUARANTINE_QUEUE_URL', this.#quarantine.queueUrl);
    fn.may(['sqs:SendMessage'], this.#quarantine.queueArn);
  }
}
