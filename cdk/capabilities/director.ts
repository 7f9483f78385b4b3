import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { updateTopic } from '#shared/vehicle-cloud/topics.ts';
import type { DataStack } from '../data-stack.ts';
import { anyVehicle } from '../names.ts';
import type { Downloads } from '../parts/downloads.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'updatesTable' | 'campaignsTable' | 'releasesTable' | 'bookingsTable' | 'keys'>;

export interface DirectorProps {
  readonly house: House;
  readonly data: Data;
  readonly downloads: Downloads;
}

const timeout = Duration.seconds(30);

/** Tells each vehicle what to install. The one that may sign it, and by the one queue alone that leads there. */
export class Director extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly asked: HouseFunction;
  readonly #data: Data;
  readonly #asks: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, downloads }: DirectorProps) {
    super(scope, id);
    this.#data = data;
    this.#asks = new WorkQueue(this, 'Asks', house, { name: 'director-asks', consumerTimeout: timeout });
    this.asked = this.answers(house);
    downloads.letSign(this.asked);
    this.functions = [this.asked];
  }

  /** Operators look at control units that nobody knows, and accept them. */
  serve(api: HouseFunction): void {
    grantRecords(api, this.#data.updatesTable, 'GetItem', 'PutItem');
  }

  isAskedBy(reported: HouseFunction): void {
    reported.addEnvironment('DIRECTOR_ASKS_QUEUE_URL', this.#asks.queueUrl);
    reported.may(['sqs:SendMessage'], this.#asks.queueArn);
  }

  private answers(house: House): HouseFunction {
    const { updatesTable, campaignsTable, releasesTable, bookingsTable, keys } = this.#data;
    const asked = new HouseFunction(this, 'Asked', house, {
      name: 'director-asked',
      description: 'Makes the metadata that tell a vehicle what to install',
      environment: {
        ...{ UPDATES_TABLE: updatesTable.tableName, CAMPAIGNS_TABLE: campaignsTable.tableName },
        ...{ RELEASES_TABLE: releasesTable.tableName, BOOKINGS_TABLE: bookingsTable.tableName },
        DIRECTOR_KEY: keys.director.keyId,
      },
      timeout,
      // Its share of a processor comes with it: manifests of a hundred control units are a hundred signatures.
      memorySize: 1024,
    });
    grantRecords(asked, updatesTable, 'GetItem', 'PutItem');
    grantRecords(asked, campaignsTable, 'GetItem');
    // A shared vehicle stays out of service while it installs.
    grantRecords(asked, bookingsTable, 'GetItem', 'PutItem');
    grantRecords(asked, releasesTable, 'GetItem', 'Query');
    asked.may(['kms:GetPublicKey', 'kms:Sign'], keys.director.keyArn);
    asked.mayInIot(['iot:Publish'], [`topic/${updateTopic(anyVehicle)}`], 'Any vehicle may ask.');
    new QueueConsumer(this, 'AsksConsumer', { queue: this.#asks, target: asked, batchSize: 10 });
    return asked;
  }
}
