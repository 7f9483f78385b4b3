import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { countedBy } from '../parts/alarms.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'evidence' | 'updatesTable' | 'campaignsTable' | 'releasesTable' | 'registryTable'>;

export interface EvidenceProps {
  readonly house: House;
  readonly data: Data;
  /** Where whoever watches hears of what was refused. */
  readonly bus: EventBus;
}

const timeout = Duration.seconds(30);
/** What a vehicle stated may come behind the end that it led to; nothing is written twice, so a second one may begin. */
const visibility = Duration.seconds(35);
/** Twenty minutes. */
const attempts = 40;

/** What became of each vehicle's update: one function alone writes it, and nobody changes it. */
export class Evidence extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;
  readonly #queue: WorkQueue;
  readonly #refused: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, bus }: EvidenceProps) {
    super(scope, id);
    this.#data = data;
    this.#queue = new WorkQueue(this, 'Queue', house, {
      ...{ name: 'evidence', consumerTimeout: timeout, visibility, attempts },
    });
    this.#refused = new WorkQueue(this, 'Security', house, { name: 'security-events', consumerTimeout: timeout });
    this.functions = [this.kept(house), this.noted(house, bus)];
    house.alarms.raise(this, 'AttacksRefused', {
      says: 'Vehicles refused an attack on their software: see which in the logs of security-noted',
      metric: countedBy('security-noted', 'AttacksRefused'),
      above: 0,
    });
  }

  /** Shows what was put down, and lets exports follow links to it. */
  serve(api: HouseFunction): void {
    const { evidence } = this.#data;
    api.addEnvironment('EVIDENCE_BUCKET', evidence.bucketName);
    api.mayWithFiles(
      ['s3:GetObject'],
      evidence,
      ['updates', 'statements'],
      'An export takes the files it is asked for.',
    );
    api.may(['s3:ListBucket'], evidence.bucketArn);
    this.hears(api);
  }

  /** May say what it has refused. */
  hears(target: HouseFunction): void {
    target.addEnvironment('SECURITY_QUEUE_URL', this.#refused.queueUrl);
    target.may(['sqs:SendMessage'], this.#refused.queueArn);
  }

  /** May have something put down. */
  isToldBy(target: HouseFunction): void {
    target.addEnvironment('EVIDENCE_QUEUE_URL', this.#queue.queueUrl);
    target.may(['sqs:SendMessage'], this.#queue.queueArn);
  }

  private kept(house: House): HouseFunction {
    const { evidence, updatesTable, campaignsTable, releasesTable, registryTable } = this.#data;
    const kept = new HouseFunction(this, 'Kept', house, {
      name: 'evidence-kept',
      description: 'Puts down what became of the updates of vehicles',
      environment: {
        ...{ EVIDENCE_BUCKET: evidence.bucketName, UPDATES_TABLE: updatesTable.tableName },
        ...{ CAMPAIGNS_TABLE: campaignsTable.tableName, RELEASES_TABLE: releasesTable.tableName },
        REGISTRY_TABLE: registryTable.tableName,
      },
      timeout,
    });
    for (const table of [updatesTable, campaignsTable, releasesTable, registryTable]) {
      grantRecords(kept, table, 'GetItem');
    }
    const reason = 'A record is named after campaign and vehicle.';
    kept.mayWithFiles(['s3:PutObject'], evidence, ['updates'], reason);
    kept.mayWithFiles(['s3:GetObject', 's3:PutObject'], evidence, ['statements'], reason);
    // Without it S3 does not say that something is not there.
    kept.may(['s3:ListBucket'], evidence.bucketArn);
    new QueueConsumer(this, 'Consumer', { queue: this.#queue, target: kept, batchSize: 10 });
    return kept;
  }

  private noted(house: House, bus: EventBus): HouseFunction {
    const { evidence } = this.#data;
    const noted = new HouseFunction(this, 'Noted', house, {
      name: 'security-noted',
      description: 'Puts down what was tried and refused, and tells of it',
      environment: { EVIDENCE_BUCKET: evidence.bucketName, EVENT_BUS_NAME: bus.eventBusName },
      timeout,
    });
    noted.mayWithFiles(['s3:PutObject'], evidence, ['security'], 'An event is named after what it is about.');
    noted.may(['events:PutEvents'], bus.eventBusArn);
    new QueueConsumer(this, 'SecurityConsumer', { queue: this.#refused, target: noted, batchSize: 10 });
    return noted;
  }
}
