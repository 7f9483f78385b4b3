import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Audit } from '../capabilities/audit.ts';
import type { DataStack } from '../data-stack.ts';
import { countedBy } from './alarms.ts';
import type { House } from './house.ts';
import { HouseFunction } from './house-function.ts';
import { grantRecords } from './record-grants.ts';

export interface ApiFunctionProps {
  /** The file in `functions/handlers/`. */
  readonly name: string;
  readonly description: string;
  readonly house: House;
  readonly data: Pick<DataStack, 'accessTable' | 'tasksTable'>;
  readonly audit: Audit;
}

/** A function of the API, with what its door needs: who may what and how often, the audit, who asked to be erased. */
export class ApiFunction extends HouseFunction {
  constructor(scope: Construct, id: string, { name, description, house, data, audit }: ApiFunctionProps) {
    super(scope, id, house, {
      ...{ name, description },
      environment: {
        ...{ ACCESS_TABLE: data.accessTable.tableName, TASKS_TABLE: data.tasksTable.tableName },
        CLIENT_QUOTA: JSON.stringify(house.settings.clientQuota),
        PERSON_QUOTA: JSON.stringify(house.settings.personQuota),
        BRANDS: house.settings.brands.map(({ slug }) => slug).join(','),
      },
      // A synchronous command waits 25 seconds; API Gateway gives up at 30.
      timeout: Duration.seconds(29),
      memorySize: 1024,
    });
    grantRecords(this, data.accessTable, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem');
    grantRecords(this, data.tasksTable, 'GetItem');
    audit.mayAppend(this);
    house.alarms.raise(this, 'ShutOut', {
      says: 'A client was shut out for its conduct',
      metric: countedBy(name, 'ClientsShutOut'),
      above: 0,
    });
    house.alarms.raise(this, 'Uncounted', {
      says: 'Quotas are counted by each instance alone: the Access table does not answer',
      metric: countedBy(name, 'QuotasUncounted'),
      // One throttled call is no news.
      above: 5,
    });
  }
}
