import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';
import type { Ingest } from './ingest.ts';

export interface TelemetryProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly table: RecordTable;
}

const timeout = Duration.seconds(30);

/** What the vehicles measure: rule → queue → function → last values and history. */
export class Telemetry extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #table: RecordTable;

  constructor(scope: Construct, id: string, { house, ingest, table }: TelemetryProps) {
    super(scope, id);
    this.#table = table;
    const queue = new WorkQueue(this, 'Queue', house, { name: 'telemetry', consumerTimeout: timeout });
    ingest.reports('Telemetry', 'telemetry', { kind: 'queue', queue });
    const received = new HouseFunction(this, 'Received', house, {
      name: 'telemetry-received',
      description: 'Keeps the last values and the history of the signals that vehicles report',
      environment: { TELEMETRY_TABLE: table.tableName, HISTORY_DAYS: String(house.settings.historyDays) },
      timeout,
    });
    grantRecords(received, table, 'GetItem', 'PutItem', 'BatchWriteItem');
    ingest.mayQuarantine(received);
    new QueueConsumer(this, 'Consumer', {
      queue,
      target: received,
      // The more messages of a vehicle come together, the fewer writes its last known values cost.
      batchSize: 500,
      batchWindow: Duration.seconds(1),
    });
    this.functions = [received];
  }

  serve(api: HouseFunction): void {
    api.addEnvironment('TELEMETRY_TABLE', this.#table.tableName);
    grantRecords(api, this.#table, 'GetItem', 'Query');
  }
}
