import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { sharingTwin } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { commandTopic, sharingTopic } from '#shared/vehicle-cloud/topics.ts';
import type { DataStack } from '../data-stack.ts';
import { anyVehicle } from '../names.ts';
import { QueueConsumer, TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop, WorkQueue } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { Ingest } from './ingest.ts';

type Data = Pick<
  DataStack,
  'bookingsTable' | 'sharingTable' | 'tripsTable' | 'ledgerTable' | 'partnersTable' | 'registryTable' | 'keys'
>;

export interface SharingProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly data: Data;
  /** Where subscribers hear of each move of a vehicle. */
  readonly bus: EventBus;
}

const timeout = Duration.seconds(30);
/** Two hours: a payment provider that is away loses nobody a bill. */
const attempts = 40;

/** Vehicles that many people use: who has which, what it costs, and what the vehicle says of it. */
export class Sharing extends Construct {
  readonly functions: readonly HouseFunction[];
  /** Hears what vehicles say. */
  readonly reported: HouseFunction;
  readonly #data: Data;
  /** What is to be looked at, and when. */
  readonly #due: WorkQueue;
  readonly #statements: WorkQueue;

  constructor(scope: Construct, id: string, props: SharingProps) {
    super(scope, id);
    const { house, data } = props;
    this.#data = data;
    this.#due = new WorkQueue(this, 'Due', house, { name: 'sharing-due', consumerTimeout: timeout, attempts });
    this.#statements = new WorkQueue(this, 'Statements', house, {
      name: 'sharing-statements',
      consumerTimeout: timeout,
    });
    this.reported = this.reports(props);
    const [changed, present] = [this.changes(props), this.presence(props)];
    this.functions = [this.reported, changed, present, this.looks(house), this.states(house)];
  }

  serve(api: HouseFunction): void {
    const { bookingsTable, sharingTable, tripsTable, ledgerTable, keys } = this.#data;
    api.addEnvironment('BOOKINGS_TABLE', bookingsTable.tableName);
    api.addEnvironment('SHARING_TABLE', sharingTable.tableName);
    api.addEnvironment('TRIPS_TABLE', tripsTable.tableName);
    api.addEnvironment('LEDGER_TABLE', ledgerTable.tableName);
    api.addEnvironment('SHARING_KEY', keys.sharing.keyId);
    grantRecords(api, bookingsTable, 'GetItem', 'PutItem', 'UpdateItem');
    grantRecords(api, sharingTable, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    grantRecords(api, tripsTable, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'Query');
    grantIndexes(api, tripsTable, 'byPerson', 'byHour');
    grantRecords(api, ledgerTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    api.may(['kms:GetPublicKey', 'kms:Sign'], keys.sharing.keyArn);
    this.mayCall(api);
    this.mayHaveStated(api);
  }

  /** Who asks what a vehicle is used for, or where a person has accounts, before something else is done with either. */
  showUse(target: HouseFunction): void {
    const { bookingsTable, sharingTable } = this.#data;
    target.addEnvironment('BOOKINGS_TABLE', bookingsTable.tableName);
    target.addEnvironment('SHARING_TABLE', sharingTable.tableName);
    grantRecords(target, bookingsTable, 'GetItem');
    grantRecords(target, sharingTable, 'Query');
  }

  /** Rule → queue → function → bookings, listings, trips. */
  private reports({ house, ingest }: SharingProps): HouseFunction {
    const queue = new WorkQueue(this, 'Reports', house, { name: 'sharing', consumerTimeout: timeout });
    ingest.reports('Sharing', 'sharing', { kind: 'queue', queue });
    const reported = new HouseFunction(this, 'Reported', house, {
      name: 'sharing-reported',
      description: 'Takes in what shared vehicles say: their log, their state, whom they admit',
      environment: this.tables(),
      timeout,
    });
    const { bookingsTable, sharingTable, tripsTable } = this.#data;
    grantRecords(reported, bookingsTable, 'GetItem', 'PutItem');
    grantRecords(reported, sharingTable, 'GetItem', 'PutItem', 'UpdateItem');
    grantRecords(reported, tripsTable, 'GetItem', 'PutItem', 'Query');
    this.mayCall(reported);
    reported.mayInIot(['iot:Publish'], [`topic/${sharingTopic(anyVehicle)}`], 'Any vehicle may ask for zones.');
    ingest.mayQuarantine(reported);
    new QueueConsumer(this, 'ReportsConsumer', { queue, target: reported, batchSize: 10 });
    return reported;
  }

  /** Booking → stream → what searches show, subscribers, trips, and what is to be looked at. */
  private changes({ house, bus }: SharingProps): HouseFunction {
    const { bookingsTable, sharingTable, tripsTable } = this.#data;
    const changed = new HouseFunction(this, 'Changed', house, {
      name: 'sharing-changed',
      description: 'Draws the consequences of each booking of a shared vehicle',
      environment: { ...this.tables(), EVENT_BUS_NAME: bus.eventBusName },
      timeout,
    });
    grantRecords(changed, bookingsTable, 'GetItem', 'PutItem');
    grantRecords(changed, sharingTable, 'GetItem', 'UpdateItem', 'DeleteItem');
    grantRecords(changed, tripsTable, 'GetItem', 'PutItem', 'Query');
    changed.may(['events:PutEvents'], bus.eventBusArn);
    this.mayCall(changed);
    this.mayHaveStated(changed);
    const says = 'Bookings of shared vehicles had no consequences';
    new TableStream(this, 'Stream', {
      ...{ house, table: bookingsTable, target: changed },
      failures: new LastStop(this, 'ChangedDead', house, 'sharing-changed-dead', says),
    });
    return changed;
  }

  /** A second rule on the same events: the registry's function has enough to do, and to carry. */
  private presence({ house, ingest, data }: SharingProps): HouseFunction {
    const presence = new HouseFunction(this, 'Presence', house, {
      name: 'sharing-presence',
      description: 'Notes that the line of a shared vehicle came or is gone',
      environment: { ...this.tables(), REGISTRY_TABLE: data.registryTable.tableName },
      asynchronous: true,
    });
    grantRecords(presence, data.bookingsTable, 'GetItem', 'PutItem');
    grantRecords(presence, data.registryTable, 'GetItem');
    this.mayCall(presence);
    ingest.presence(this, 'sharingPresence', {
      description: 'Connections of vehicles, for the sharing service',
      clients: "startswith(topic(5), 'veh-') = true",
      listener: presence,
    });
    return presence;
  }

  /** Holds that have expired, vehicles that are silent, trips to settle. */
  private looks(house: House): HouseFunction {
    const { bookingsTable, sharingTable, tripsTable, ledgerTable, partnersTable, registryTable } = this.#data;
    const due = new HouseFunction(this, 'DueFunction', house, {
      name: 'sharing-due',
      description: 'Looks at what is due: expired holds, silent vehicles, settlements, trips to be ended',
      environment: {
        ...this.tables(),
        ...{ REGISTRY_TABLE: registryTable.tableName, LEDGER_TABLE: ledgerTable.tableName },
        PARTNERS_TABLE: partnersTable.tableName,
      },
      timeout,
      goesOnByItself: true,
    });
    // Who pays for their customers has an account.
    grantRecords(due, partnersTable, 'GetItem', 'PutItem', 'UpdateItem');
    grantRecords(due, bookingsTable, 'GetItem', 'PutItem');
    grantRecords(due, sharingTable, 'GetItem');
    grantRecords(due, tripsTable, 'GetItem', 'PutItem');
    // The books that a trip is told to when it is settled, and charges.
    grantRecords(due, ledgerTable, 'GetItem', 'PutItem', 'UpdateItem');
    grantRecords(due, registryTable, 'GetItem');
    due.mayInIot(
      ['iot:Publish'],
      [`topic/${commandTopic(anyVehicle)}`],
      'Any vehicle may be taken back by its operator.',
    );
    this.mayCall(due);
    new QueueConsumer(this, 'DueConsumer', { queue: this.#due, target: due, batchSize: 10 });
    return due;
  }

  /** The one that signs statements, by the one queue that leads there. */
  private states(house: House): HouseFunction {
    const { bookingsTable, sharingTable, keys } = this.#data;
    const stated = new HouseFunction(this, 'Stated', house, {
      name: 'sharing-stated',
      description: 'Signs what a vehicle is told of keys, and shows it',
      environment: {
        ...{ BOOKINGS_TABLE: bookingsTable.tableName, SHARING_TABLE: sharingTable.tableName },
        SHARING_KEY: keys.sharing.keyId,
      },
      timeout,
      goesOnByItself: true,
    });
    grantRecords(stated, bookingsTable, 'GetItem');
    grantRecords(stated, sharingTable, 'GetItem', 'Query');
    stated.may(['kms:GetPublicKey', 'kms:Sign'], keys.sharing.keyArn);
    stated.mayInIot(['iot:UpdateThingShadow'], [`thing/${anyVehicle}/${sharingTwin}`], 'Any vehicle may be shared.');
    this.mayHaveStated(stated);
    new QueueConsumer(this, 'StatedConsumer', { queue: this.#statements, target: stated, batchSize: 10 });
    return stated;
  }

  /** May have a statement signed. */
  mayHaveStated(target: HouseFunction): void {
    target.addEnvironment('SHARING_STATEMENTS_QUEUE_URL', this.#statements.queueUrl);
    target.may(['sqs:SendMessage'], this.#statements.queueArn);
  }

  /** May have something looked at, now or later. */
  mayCall(target: HouseFunction): void {
    target.addEnvironment('SHARING_DUE_QUEUE_URL', this.#due.queueUrl);
    target.may(['sqs:SendMessage'], this.#due.queueArn);
  }

  private tables(): Record<string, string> {
    const { bookingsTable, sharingTable, tripsTable } = this.#data;
    return {
      ...{ BOOKINGS_TABLE: bookingsTable.tableName, SHARING_TABLE: sharingTable.tableName },
      TRIPS_TABLE: tripsTable.tableName,
    };
  }
}
