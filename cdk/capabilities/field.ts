import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop } from '../parts/queues.ts';
import { grantRecords } from '../parts/record-grants.ts';

type Data = Pick<DataStack, 'bookingsTable' | 'sharingTable' | 'tripsTable' | 'fieldTable'>;

export interface FieldProps {
  readonly house: House;
  readonly data: Data;
}

/** The operator's day: what is to be done at shared vehicles, and how they are used. */
export class Field extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;

  constructor(scope: Construct, id: string, { house, data }: FieldProps) {
    super(scope, id);
    this.#data = data;
    this.functions = [this.changes(house)];
  }

  serve(api: HouseFunction): void {
    const { fieldTable } = this.#data;
    api.addEnvironment('FIELD_TABLE', fieldTable.tableName);
    grantRecords(api, fieldTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
  }

  /** Booking, trip → streams → tasks and figures: the second reader of the one, the first of the other. */
  private changes(house: House): HouseFunction {
    const { bookingsTable, sharingTable, tripsTable, fieldTable } = this.#data;
    const changed = new HouseFunction(this, 'Changed', house, {
      name: 'field-changed',
      description: 'Raises tasks for field staff, and counts how shared vehicles are used',
      environment: {
        ...{ BOOKINGS_TABLE: bookingsTable.tableName, SHARING_TABLE: sharingTable.tableName },
        FIELD_TABLE: fieldTable.tableName,
      },
      timeout: Duration.minutes(1),
    });
    for (const table of [bookingsTable, sharingTable]) grantRecords(changed, table, 'GetItem');
    grantRecords(changed, fieldTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    const failures = new LastStop(
      ...([this, 'ChangedDead', house, 'field-changed-dead'] as const),
      'Changes of shared vehicles are in no figures, and nobody is sent to them',
    );
    for (const [name, table] of Object.entries({ Bookings: bookingsTable, Trips: tripsTable })) {
      // What comes within a second is followed in one run: a trip is written eight times.
      const batches = { batchSize: 100, batchWindow: Duration.seconds(1) };
      new TableStream(this, `${name}Stream`, { house, table, target: changed, failures, ...batches });
    }
    return changed;
  }
}
