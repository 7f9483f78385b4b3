import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { photoFolders } from '#shared/sharing/care/photo.ts';
import type { DataStack } from '../data-stack.ts';
import { anyVehicle } from '../names.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { Audit } from './audit.ts';

export interface ErasureProps {
  readonly house: House;
  readonly data: DataStack;
  readonly audit: Audit;
  readonly events: EventBus;
}

const timeout = Duration.seconds(60);
const attempts = 5;

/** What is kept of a vehicle or a person goes: asked for by the API, worked off slice by slice, proven. */
export class Erasure extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: DataStack;
  readonly #queue: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, audit, events }: ErasureProps) {
    super(scope, id);
    this.#data = data;
    this.#queue = new WorkQueue(this, 'Queue', house, { name: 'erasures', consumerTimeout: timeout, attempts });
    const due = new HouseFunction(this, 'Due', house, {
      name: 'erasure-due',
      description: 'Erases what is kept of a vehicle or a person, and proves it',
      environment: {
        ...{ ACCESS_TABLE: data.accessTable.tableName, COMMANDS_TABLE: data.commandsTable.tableName },
        ...{ OWNERSHIP_TABLE: data.ownershipTable.tableName, REGISTRY_TABLE: data.registryTable.tableName },
        ...{ TASKS_TABLE: data.tasksTable.tableName, TELEMETRY_TABLE: data.telemetryTable.tableName },
        ...{ EVENT_BUS_NAME: events.eventBusName, USER_POOL_ID: data.access.userPool.userPoolId },
        ...{ ERASURE_QUEUE_URL: this.#queue.queueUrl, ATTEMPTS: String(attempts) },
        ...{ UPDATES_TABLE: data.updatesTable.tableName, BOOKINGS_TABLE: data.bookingsTable.tableName },
        ...{ SHARING_TABLE: data.sharingTable.tableName, TRIPS_TABLE: data.tripsTable.tableName },
        ...{ LEDGER_TABLE: data.ledgerTable.tableName, PARTNERS_TABLE: data.partnersTable.tableName },
        ...{ CARE_TABLE: data.careTable.tableName, PHOTOS_BUCKET: data.photos.bucketName },
        LOG_DAYS: String(house.settings.logDays),
        EVIDENCE_DAYS: String(house.settings.evidenceLock.days),
      },
      timeout,
      goesOnByItself: true,
    });
    this.mayErase(due);
    audit.mayAppend(due);
    audit.mayRead(due);
    due.may(['events:PutEvents'], events.eventBusArn);
    due.may(['sqs:SendMessage'], this.#queue.queueArn);
    new QueueConsumer(this, 'Consumer', { queue: this.#queue, target: due, batchSize: 1 });
    this.functions = [due];
  }

  serve(api: HouseFunction): void {
    api.addEnvironment('ERASURE_QUEUE_URL', this.#queue.queueUrl);
    grantRecords(api, this.#data.tasksTable, 'PutItem');
    api.may(['sqs:SendMessage'], this.#queue.queueArn);
  }

  /** The one role that may delete what others keep. */
  private mayErase(due: HouseFunction): void {
    const {
      registryTable,
      telemetryTable,
      commandsTable,
      ownershipTable,
      accessTable,
      tasksTable,
      updatesTable,
      bookingsTable,
      sharingTable,
      tripsTable,
      ledgerTable,
      careTable,
      partnersTable,
      photos,
      access,
    } = this.#data;
    grantRecords(due, tasksTable, 'GetItem', 'PutItem');
    grantRecords(due, registryTable, 'GetItem', 'PutItem', 'Query', 'DeleteItem', 'BatchWriteItem');
    grantRecords(due, telemetryTable, 'GetItem', 'PutItem', 'Query', 'BatchWriteItem');
    grantRecords(due, commandsTable, 'GetItem', 'Query', 'BatchWriteItem');
    grantRecords(due, updatesTable, 'GetItem', 'PutItem', 'Query', 'BatchWriteItem');
    grantRecords(due, bookingsTable, 'GetItem', 'DeleteItem');
    grantRecords(due, sharingTable, 'Query');
    grantRecords(due, tripsTable, 'GetItem', 'UpdateItem', 'Query', 'BatchWriteItem');
    grantIndexes(due, tripsTable, 'byPerson');
    grantRecords(due, ledgerTable, 'GetItem', 'UpdateItem', 'DeleteItem', 'Query');
    grantRecords(due, careTable, 'GetItem', 'PutItem', 'DeleteItem', 'Query');
    grantRecords(due, partnersTable, 'GetItem', 'UpdateItem', 'DeleteItem', 'Query');
    due.mayWithFiles(['s3:DeleteObject'], photos, photoFolders, 'Whoever is erased may have photos in each folder.');
    grantRecords(due, accessTable, 'Query', 'BatchWriteItem');
    grantRecords(due, ownershipTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    due.may(
      ['cognito-idp:AdminDeleteUser', 'cognito-idp:AdminGetUser', 'cognito-idp:AdminUserGlobalSignOut'],
      access.userPool.userPoolArn,
    );
    due.mayInIot(
      ['iot:DeleteThing', 'iot:ListThingPrincipals', 'iot:ListNamedShadowsForThing'],
      [`thing/${anyVehicle}`],
      'Any retired vehicle may be erased.',
    );
    due.mayInIot(
      ['iot:DeleteThingShadow', 'iot:GetThingShadow'],
      [`thing/${anyVehicle}`, `thing/${anyVehicle}/*`],
      'Any vehicle has twins, under any name.',
    );
    due.mayInIot(
      ['iot:DeleteCertificate', 'iot:DetachThingPrincipal', 'iot:UpdateCertificate'],
      ['cert/*'],
      'A certificate is named by its fingerprint: no prefix tells whose it is.',
    );
  }
}
