import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { commandTopic } from '#shared/vehicle-cloud/topics.ts';
import { anyVehicle } from '../names.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';
import type { Audit } from './audit.ts';
import type { Ingest } from './ingest.ts';

export interface CommandsProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly table: RecordTable;
  readonly audit: Audit;
}

const timeout = Duration.seconds(10);

/** What vehicles are told to do: sent by the API, answered through a rule, expired by a delayed message. */
export class Commands extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #table: RecordTable;
  readonly #expiry: WorkQueue;

  constructor(scope: Construct, id: string, { house, ingest, table, audit }: CommandsProps) {
    super(scope, id);
    this.#table = table;
    this.#expiry = new WorkQueue(this, 'Expiry', house, { name: 'command-expiry', consumerTimeout: timeout });
    this.functions = [this.replies(house, ingest), this.expiries(house, audit)];
  }

  serve(api: HouseFunction): void {
    api.addEnvironment('COMMANDS_TABLE', this.#table.tableName);
    api.addEnvironment('COMMAND_EXPIRY_QUEUE_URL', this.#expiry.queueUrl);
    grantRecords(api, this.#table, 'GetItem', 'PutItem', 'UpdateItem', 'Query');
    api.may(['sqs:SendMessage'], this.#expiry.queueArn);
    api.mayInIot(['iot:Publish'], [`topic/${commandTopic(anyVehicle)}`], 'Any vehicle may be sent a command.');
  }

  private replies(house: House, ingest: Ingest): HouseFunction {
    const replied = new HouseFunction(this, 'Replied', house, {
      name: 'command-replied',
      description: 'Notes how a vehicle answered a command',
      environment: { COMMANDS_TABLE: this.#table.tableName },
      asynchronous: true,
    });
    grantRecords(replied, this.#table, 'GetItem', 'UpdateItem');
    ingest.reports('Replies', 'replies', { kind: 'function', function: replied });
    ingest.mayQuarantine(replied);
    return replied;
  }

  private expiries(house: House, audit: Audit): HouseFunction {
    const expired = new HouseFunction(this, 'Expired', house, {
      name: 'command-expired',
      description: 'Ends a command that no vehicle answered in time',
      environment: { COMMANDS_TABLE: this.#table.tableName, COMMAND_EXPIRY_QUEUE_URL: this.#expiry.queueUrl },
      timeout,
    });
    grantRecords(expired, this.#table, 'GetItem', 'UpdateItem');
    // Each command has its reminder, which comes when it has ended: so its end is written down here.
    audit.mayAppend(expired);
    // A reminder that comes too early sets the next one.
    expired.may(['sqs:SendMessage'], this.#expiry.queueArn);
    new QueueConsumer(this, 'Consumer', { queue: this.#expiry, target: expired, batchSize: 10 });
    return expired;
  }
}
