import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { DataStack } from '../data-stack.ts';
import { named } from '../names.ts';
import { QueueConsumer } from '../parts/event-sources.ts';
import type { House } from '../parts/house.ts';
import { HouseFunction } from '../parts/house-function.ts';
import { WorkQueue } from '../parts/queues.ts';
import { grantIndexes, grantRecords } from '../parts/record-grants.ts';
import type { Audit } from './audit.ts';

type Data = Pick<DataStack, 'registryTable' | 'tasksTable' | 'transfers'>;

export interface TransfersProps {
  readonly house: House;
  readonly data: Data;
  readonly audit: Audit;
}

/** A run hands itself on long before; whoever takes over from one that died waits no longer than this. */
const runTimeout = Duration.seconds(30);
const visibility = Duration.seconds(35);
/** A dead table or bucket for 20 minutes ends nothing. */
const attempts = 40;

const anyFile = 'Each import and export has files of its own, named when it begins.';

/** Many vehicles in and out by files: uploads start imports, runs go on through queues from checkpoint to checkpoint. */
export class Transfers extends Construct {
  readonly functions: readonly HouseFunction[];
  readonly #data: Data;
  readonly #exports: WorkQueue;

  constructor(scope: Construct, id: string, { house, data, audit }: TransfersProps) {
    super(scope, id);
    this.#data = data;
    const queue = { consumerTimeout: runTimeout, visibility, attempts };
    const imports = new WorkQueue(this, 'Imports', house, { name: 'imports', ...queue });
    this.#exports = new WorkQueue(this, 'Exports', house, { name: 'exports', ...queue });
    const runs = [this.importRuns(house, imports), this.exportRuns(house)];
    for (const run of runs) audit.mayAppend(run);
    this.functions = [this.arrivals(house, imports), ...runs];
  }

  serve(api: HouseFunction): void {
    const { tasksTable } = this.#data;
    api.addEnvironment('TASKS_TABLE', tasksTable.tableName);
    api.addEnvironment('TRANSFERS_BUCKET', this.#data.transfers.bucketName);
    api.addEnvironment('EXPORT_QUEUE_URL', this.#exports.queueUrl);
    grantRecords(api, tasksTable, 'GetItem', 'PutItem');
    api.may(['sqs:SendMessage'], this.#exports.queueArn);
    // Whoever gets a signed URL does with it what its signer may.
    this.mayWithFiles(api, ['s3:PutObject'], 'imports');
    this.mayWithFiles(api, ['s3:GetObject'], 'reports', 'exports');
  }

  private arrivals(house: House, imports: WorkQueue): HouseFunction {
    const { tasksTable, transfers } = this.#data;
    const arrived = new HouseFunction(this, 'Arrived', house, {
      name: 'import-arrived',
      description: 'Begins an import when its file is uploaded',
      environment: { TASKS_TABLE: tasksTable.tableName, IMPORT_QUEUE_URL: imports.queueUrl },
      asynchronous: true,
    });
    grantRecords(arrived, tasksTable, 'GetItem', 'PutItem');
    arrived.may(['sqs:SendMessage'], imports.queueArn);
    const rule = new Rule(this, 'Uploaded', {
      ruleName: named(house.settings.stage, 'import-uploaded'),
      description: 'Files for imports',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [transfers.bucketName] }, object: { key: [{ prefix: 'imports/' }] } },
      },
    });
    rule.addTarget(
      new FunctionTarget(arrived, {
        ...(arrived.deadLetterQueue === undefined ? {} : { deadLetterQueue: arrived.deadLetterQueue }),
        retryAttempts: 185,
        maxEventAge: Duration.hours(24),
      }),
    );
    return arrived;
  }

  private importRuns(house: House, imports: WorkQueue): HouseFunction {
    const { registryTable, tasksTable, transfers } = this.#data;
    const continued = new HouseFunction(this, 'ImportRun', house, {
      name: 'import-continued',
      description: 'Takes in a stretch of an import after the other',
      environment: {
        TASKS_TABLE: tasksTable.tableName,
        REGISTRY_TABLE: registryTable.tableName,
        TRANSFERS_BUCKET: transfers.bucketName,
        IMPORT_QUEUE_URL: imports.queueUrl,
        BRANDS: house.settings.brands.map(({ slug }) => slug).join(','),
      },
      timeout: runTimeout,
      goesOnByItself: true,
      memorySize: 1024,
    });
    grantRecords(continued, tasksTable, 'GetItem', 'PutItem');
    grantRecords(continued, registryTable, 'GetItem', 'PutItem');
    continued.may(['sqs:SendMessage'], imports.queueArn);
    this.mayWithFiles(continued, ['s3:GetObject'], 'imports', 'notes', 'reports');
    this.mayWithFiles(continued, ['s3:PutObject'], 'notes', 'reports');
    // Without it S3 says "forbidden" of a file that is gone.
    continued.may(['s3:ListBucket'], transfers.bucketArn);
    new QueueConsumer(this, 'ImportConsumer', { queue: imports, target: continued, batchSize: 1 });
    return continued;
  }

  private exportRuns(house: House): HouseFunction {
    const { registryTable, tasksTable, transfers } = this.#data;
    const continued = new HouseFunction(this, 'ExportRun', house, {
      name: 'export-continued',
      description: 'Writes an export part by part',
      environment: {
        TASKS_TABLE: tasksTable.tableName,
        REGISTRY_TABLE: registryTable.tableName,
        TRANSFERS_BUCKET: transfers.bucketName,
        EXPORT_QUEUE_URL: this.#exports.queueUrl,
      },
      timeout: runTimeout,
      goesOnByItself: true,
      memorySize: 1024,
    });
    grantRecords(continued, tasksTable, 'GetItem', 'PutItem');
    grantIndexes(continued, registryTable, 'byModel');
    continued.may(['sqs:SendMessage'], this.#exports.queueArn);
    this.mayWithFiles(continued, ['s3:GetObject'], 'notes', 'exports');
    this.mayWithFiles(continued, ['s3:PutObject'], 'notes', 'exports');
    new QueueConsumer(this, 'ExportConsumer', { queue: this.#exports, target: continued, batchSize: 1 });
    return continued;
  }

  private mayWithFiles(target: HouseFunction, actions: readonly string[], ...folders: readonly string[]): void {
    target.mayWithFiles(actions, this.#data.transfers, folders, anyFile);
  }
}
