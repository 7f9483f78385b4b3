import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import type { Ingest } from './ingest.ts';

type Data = Pick<DataStack, 'updatesTable' | 'campaignsTable'>;

export interface UpdatesProps {
  readonly house: House;
  readonly ingest: Ingest;
  readonly data: Data;
}

const timeout = Duration.seconds(30);

/** Software for vehicles: campaigns, what becomes of each vehicle's update, and what the vehicles say of it. */
export class Updates extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;

  constructor(scope: Construct, id: string, props: UpdatesProps) {
    super(scope, id);
    this.#data = props.data;
    this.functions = [this.reports(props)];
  }

  serve(api: HouseFunction): void {
    api.addEnvironment('UPDATES_TABLE', this.#data.updatesTable.tableName);
    api.addEnvironment('CAMPAIGNS_TABLE', this.#data.campaignsTable.tableName);
  }

  private reports({ house, ingest }: UpdatesProps): HouseFunction {
    const queue = new WorkQueue(this, 'Reports', house, { name: 'updates', consumerTimeout: timeout });
    ingest.reports('Updates', 'updates', { kind: 'queue', queue });
    const reported = new HouseFunction(this, 'Reported', house, {
      name: 'update-reported',
      description: 'Takes in what vehicles say of their updates',
      timeout,
    });
    ingest.mayQuarantine(reported);
    new QueueConsumer(this, 'ReportsConsumer', { queue, target: reported, batchSize: 10 });
    return reported;
  }
}
