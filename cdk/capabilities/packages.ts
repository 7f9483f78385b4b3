import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { eventCatalogue } from '#shared/webhooks/event-catalogue.ts';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import { QueueConsumer, TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop, WorkQueue } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'partnersTable' | 'bookingsTable' | 'sharingTable' | 'tripsTable'>;

export interface PackagesProps {
  readonly house: House;
  readonly data: Data;
  /** What happens to vehicles is heard there, and what became of packages is put there. */
  readonly bus: EventBus;
}

const timeout = Duration.seconds(30);
/** Two hours: a table that is away loses no partner an event. */
const attempts = 40;

/** Partners book shared vehicles for their own customers. */
export class Packages extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;

  constructor(scope: Construct, id: string, { house, data, bus }: PackagesProps) {
    super(scope, id);
    this.#data = data;
    this.functions = [this.follows(house, bus), this.tells(house, bus)];
  }

  serve(api: HouseFunction): void {
    const { partnersTable } = this.#data;
    api.addEnvironment('PARTNERS_TABLE', partnersTable.tableName);
    grantRecords(api, partnersTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
  }

  /** A vehicle's move → bus → queue → what stands in its packages. */
  private follows(house: House, eventBus: EventBus): HouseFunction {
    const { partnersTable, bookingsTable, sharingTable, tripsTable } = this.#data;
    const queue = new WorkQueue(this, 'Moves', house, { name: 'packages-moves', consumerTimeout: timeout, attempts });
    const followed = new HouseFunction(this, 'Followed', house, {
      name: 'packages-followed',
      description: 'Notes what became of what partners have booked, as vehicles move',
      environment: {
        ...{ PARTNERS_TABLE: partnersTable.tableName, BOOKINGS_TABLE: bookingsTable.tableName },
        ...{ SHARING_TABLE: sharingTable.tableName, TRIPS_TABLE: tripsTable.tableName },
      },
      timeout,
    });
    grantRecords(followed, partnersTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    for (const table of [bookingsTable, sharingTable, tripsTable]) grantRecords(followed, table, 'GetItem');
    grantRecords(followed, tripsTable, 'BatchGetItem');
    grantIndexes(followed, tripsTable, 'byPerson');
    new QueueConsumer(this, 'MovesConsumer', { queue, target: followed, batchSize: 10 });
    const { source, detailType } = eventCatalogue['sharing.vehicle.moved'];
    const rule = new Rule(this, 'Rule', {
      ...{ ruleName: named(house.settings.stage, 'packages'), description: 'What vehicles do, for packages', eventBus },
      eventPattern: { source: [source], detailType: [detailType] },
    });
    const says = 'Moves of vehicles did not reach the packages of partners';
    rule.addTarget(
      new SqsQueue(queue, {
        deadLetterQueue: new LastStop(this, 'MovesLost', house, 'packages-moves-lost', says),
        ...{ retryAttempts: 185, maxEventAge: Duration.hours(24) },
      }),
    );
    return followed;
  }

  /** Package → stream → bus. */
  private tells(house: House, bus: EventBus): HouseFunction {
    const changed = new HouseFunction(this, 'Changed', house, {
      name: 'packages-changed',
      description: 'Tells the bus what became of packages, and what partners ask of vehicles',
      environment: { EVENT_BUS_NAME: bus.eventBusName },
    });
    changed.may(['events:PutEvents'], bus.eventBusArn);
    const says = 'Nobody was told what became of packages';
    new TableStream(this, 'Stream', {
      ...{ house, table: this.#data.partnersTable, target: changed },
      failures: new LastStop(this, 'ChangedDead', house, 'packages-changed-dead', says),
    });
    return changed;
  }
}
