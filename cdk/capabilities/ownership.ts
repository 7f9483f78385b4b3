import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { claimCodeTopic } from '#shared/vehicle-cloud/topics.ts';
import { anyVehicle } from '../names.ts';
import { TableStream } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { LastStop } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { RecordTable } from '../parts/record-table.ts';
import type { Ingest } from './ingest.ts';

export interface OwnershipProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly table: RecordTable;
  /** Where it is looked up whether a vehicle may show a code. */
  readonly registryTable: RecordTable;
  readonly bus: EventBus;
}

/** Whose a vehicle is: it shows a code, a person claims it, and whoever subscribes hears of each new owner. */
export class Ownership extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #table: RecordTable;

  constructor(scope: Construct, id: string, props: OwnershipProps) {
    super(scope, id);
    this.#table = props.table;
    this.functions = [this.codes(props), this.changes(props)];
  }

  serve(api: HouseFunction): void {
    api.addEnvironment('OWNERSHIP_TABLE', this.#table.tableName);
    grantRecords(api, this.#table, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
    grantIndexes(api, this.#table, 'byPerson');
  }

  private codes({ house, ingest, registryTable }: OwnershipProps): HouseFunction {
    const asked = new HouseFunction(this, 'CodeAsked', house, {
      name: 'claim-code-asked',
      description: 'Makes the code that a vehicle shows to whoever would own it',
      environment: { OWNERSHIP_TABLE: this.#table.tableName, REGISTRY_TABLE: registryTable.tableName },
      // Somebody waits before the screen, and a seal is slow on purpose.
      memorySize: 1024,
      asynchronous: true,
    });
    grantRecords(asked, this.#table, 'GetItem', 'PutItem', 'UpdateItem');
    grantRecords(asked, registryTable, 'GetItem');
    mayTell(asked);
    ingest.reports('ClaimCodes', 'claimCodes', { kind: 'function', function: asked });
    ingest.mayQuarantine(asked);
    return asked;
  }

  private changes({ house, bus }: OwnershipProps): HouseFunction {
    const changed = new HouseFunction(this, 'Changed', house, {
      name: 'ownership-changed',
      description: 'Tells of a vehicle that has another owner, or none',
      environment: { EVENT_BUS_NAME: bus.eventBusName },
    });
    changed.may(['events:PutEvents'], bus.eventBusArn);
    mayTell(changed);
    const says = 'Nobody heard of changes of owners';
    new TableStream(this, 'Stream', {
      ...{ house, table: this.#table, target: changed },
      failures: new LastStop(this, 'ChangedDead', house, 'ownership-changed-dead', says),
    });
    return changed;
  }
}

function mayTell(target: HouseFunction): void {
  target.mayInIot(['iot:Publish'], [`topic/${claimCodeTopic(anyVehicle)}`], 'Any vehicle may show a code.');
}
