import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { Ingest } from './ingest.ts';

type Data = Pick<DataStack, 'bookingsTable' | 'sharingTable' | 'tripsTable' | 'keys'>;

export interface SharingProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly data: Data;
  /** Where subscribers hear of each move of a vehicle. */
  readonly bus: EventBus;
}

const timeout = Duration.seconds(30);

/** Vehicles that many people use: who has which, what it costs, and what the vehicle says of it. */
export class Sharing extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;
  /** What is to be looked at, and when. */
  readonly #due: WorkQueue;

  constructor(scope: Construct, id: string, props: SharingProps) {
    super(scope, id);
    const { house, data } = props;
    this.#data = data;
    this.#due = new WorkQueue(this, 'Due', house, { name: 'sharing-due', consumerTimeout: timeout });
    this.functions = [this.reports(props), this.looks(house)];
  }

  serve(api: HouseFunction): void {
    const { bookingsTable, sharingTable, tripsTable, keys } = this.#data;
    api.addEnvironment('BOOKINGS_TABLE', bookingsTable.tableName);
    api.addEnvironment('SHARING_TABLE', sharingTable.tableName);
    api.addEnvironment('TRIPS_TABLE', tripsTable.tableName);
    api.addEnvironment('SHARING_KEY', keys.sharing.keyId);
    api.addEnvironment('SHARING_DUE_QUEUE_URL', this.#due.queueUrl);
    grantRecords(api, bookingsTable, 'GetItem', 'PutItem', 'UpdateItem');
    grantRecords(api, sharingTable, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    grantRecords(api, tripsTable, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'Query');
    grantIndexes(api, tripsTable, 'byPerson');
    api.may(['kms:GetPublicKey', 'kms:Sign'], keys.sharing.keyArn);
    api.may(['sqs:SendMessage'], this.#due.queueArn);
  }

  /** Rule → queue → function → bookings, listings, trips. */
  private reports({ house, ingest }: SharingProps): HouseFunction {
    const queue = new WorkQueue(this, 'Reports', house, { name: 'sharing', consumerTimeout: timeout });
    ingest.reports('Sharing', 'sharing', { kind: 'queue', queue });
    const reported = new HouseFunction(this, 'Reported', house, {
      name: 'sharing-reported',
      description: 'Takes in what shared vehicles say: their log, their state, whom they admit',
      timeout,
    });
    ingest.mayQuarantine(reported);
    new QueueConsumer(this, 'ReportsConsumer', { queue, target: reported, batchSize: 10 });
    return reported;
  }

  /** Holds that have expired, vehicles that are silent, statements to sign, trips to settle. */
  private looks(house: House): HouseFunction {
    const due = new HouseFunction(this, 'DueFunction', house, {
      name: 'sharing-due',
      description: 'Looks at what is due: expired holds, silent vehicles, statements, settlements',
      timeout,
      goesOnByItself: true,
    });
    due.addEnvironment('SHARING_DUE_QUEUE_URL', this.#due.queueUrl);
    due.may(['sqs:SendMessage'], this.#due.queueArn);
    new QueueConsumer(this, 'DueConsumer', { queue: this.#due, target: due, batchSize: 10 });
    return due;
  }
}
