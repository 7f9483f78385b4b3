import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { eventCatalogue, eventTypes } from '#shared/webhooks/event-catalogue.ts';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import { countedBy } from '../parts/alarms.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop, WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'webhooksTable' | 'sharingTable' | 'accessTable' | 'keys'>;

export interface WebhooksProps {
  readonly house: House;
  readonly data: Data;
  /** What partners are told of is put there. */
  readonly bus: EventBus;
}

const timeout = Duration.seconds(30);
/** Two hours: a table that is away loses nobody an event. */
const attempts = 40;
/** Receivers that fail hold up each other, and nobody else in the account. */
const repeatsAtOnce = 20;

/** Partners are told what happens, by signed calls of their own servers. */
export class Webhooks extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;
  readonly #first: WorkQueue;
  readonly #repeats: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, bus }: WebhooksProps) {
    super(scope, id);
    this.#data = data;
    this.#first = new WorkQueue(this, 'First', house, { name: 'webhooks-first', consumerTimeout: timeout, attempts });
    const repeats = { name: 'webhooks-repeats', consumerTimeout: timeout, attempts };
    this.#repeats = new WorkQueue(this, 'Repeats', house, repeats);
    this.functions = [this.spreads(house, bus), this.sends(house)];
  }

  serve(api: HouseFunction): void {
    const { webhooksTable } = this.#data;
    api.addEnvironment('WEBHOOKS_TABLE', webhooksTable.tableName);
    grantRecords(api, webhooksTable, 'GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem', 'Query');
    this.mayMakeSecrets(api);
    this.mayRemind(api);
  }

  /** Bus → rule → queue → one delivery for each who listens. */
  private spreads(house: House, eventBus: EventBus): HouseFunction {
    const { webhooksTable, sharingTable, accessTable } = this.#data;
    const queue = new WorkQueue(this, 'Events', house, { name: 'webhooks-events', consumerTimeout: timeout, attempts });
    const spread = new HouseFunction(this, 'Spread', house, {
      name: 'webhooks-spread',
      description: 'Finds who wants to be told of an event',
      environment: {
        ...{ WEBHOOKS_TABLE: webhooksTable.tableName, SHARING_TABLE: sharingTable.tableName },
        ...{ ACCESS_TABLE: accessTable.tableName, WEBHOOK_FIRST_QUEUE_URL: this.#first.queueUrl },
        BRANDS: house.settings.brands.map(({ slug }) => slug).join(','),
      },
      timeout,
    });
    grantRecords(spread, webhooksTable, 'Query');
    for (const table of [sharingTable, accessTable]) grantRecords(spread, table, 'GetItem');
    spread.may(['sqs:SendMessage'], this.#first.queueArn);
    new QueueConsumer(this, 'EventsConsumer', { queue, target: spread, batchSize: 10 });
    const told = eventTypes.map((type) => eventCatalogue[type]);
    const rule = new Rule(this, 'Rule', {
      ...{ ruleName: named(house.settings.stage, 'webhooks'), description: 'What partners are told of', eventBus },
      eventPattern: {
        source: [...new Set<string>(told.map(({ source }) => source))],
        detailType: told.map(({ detailType }) => detailType),
      },
    });
    const says = 'Events did not reach those that spread them to webhooks';
    rule.addTarget(
      new SqsQueue(queue, {
        deadLetterQueue: new LastStop(this, 'EventsLost', house, 'webhooks-events-lost', says),
        ...{ retryAttempts: 185, maxEventAge: Duration.hours(24) },
      }),
    );
    return spread;
  }

  /** First attempts by one queue, everything after them by another. */
  private sends(house: House): HouseFunction {
    const { webhooksTable } = this.#data;
    const sent = new HouseFunction(this, 'Sent', house, {
      name: 'webhooks-sent',
      description: 'Calls the receivers of partners',
      environment: { WEBHOOKS_TABLE: webhooksTable.tableName },
      timeout,
      goesOnByItself: true,
      callsStrangers: true,
    });
    grantRecords(sent, webhooksTable, 'GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem', 'Query');
    this.mayMakeSecrets(sent);
    this.mayRemind(sent);
    new QueueConsumer(this, 'FirstConsumer', { queue: this.#first, target: sent, batchSize: 10 });
    const slow = { queue: this.#repeats, target: sent, batchSize: 10, maximumConcurrency: repeatsAtOnce };
    new QueueConsumer(this, 'RepeatsConsumer', slow);
    house.alarms.raise(this, 'Dead', {
      says: 'Webhooks were given up: partners have to replay them',
      metric: countedBy('webhooks-sent', 'WebhooksDead'),
      // One partner's receiver that is gone is their business.
      above: 1000,
    });
    return sent;
  }

  private mayMakeSecrets(target: HouseFunction): void {
    const { webhooks } = this.#data.keys;
    target.addEnvironment('WEBHOOK_KEY', webhooks.keyId);
    target.may(['kms:GenerateMac'], webhooks.keyArn);
  }

  private mayRemind(target: HouseFunction): void {
    target.addEnvironment('WEBHOOK_REPEATS_QUEUE_URL', this.#repeats.queueUrl);
    target.may(['sqs:SendMessage'], this.#repeats.queueArn);
  }
}
