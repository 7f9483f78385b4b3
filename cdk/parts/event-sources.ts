import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { fiveMinutes } from './alarms.ts';
import type { House } from './house.ts';
import type { HouseFunction } from './house-function.ts';
import type { LastStop, WorkQueue } from './queues.ts';
import type { RecordTable } from './record-table.ts';

export interface QueueConsumerProps {
  readonly queue: WorkQueue;
  readonly target: HouseFunction;
  readonly batchSize: number;
  /** How long a batch may wait to fill; AWS wants at least a second for more than ten messages. */
  readonly batchWindow?: Duration;
  /** Batches at once; whatever waits, no more. */
  readonly maximumConcurrency?: number;
}

/** A function that reads a queue and reports each message, so that a poison one never replays its neighbours. */
export class QueueConsumer extends Construct {
  constructor(scope: Construct, id: string, props: QueueConsumerProps) {
    super(scope, id);
    const { queue, target, batchSize, batchWindow, maximumConcurrency } = props;
    queue.grantConsumeMessages(target);
    new EventSourceMapping(this, 'Mapping', {
      target,
      eventSourceArn: queue.queueArn,
      batchSize,
      ...(batchWindow === undefined ? {} : { maxBatchingWindow: batchWindow }),
      ...(maximumConcurrency === undefined ? {} : { maxConcurrency: maximumConcurrency }),
      reportBatchItemFailures: true,
    });
  }
}

export interface TableStreamProps {
  readonly house: House;
  readonly table: RecordTable;
  readonly target: HouseFunction;
  readonly failures: LastStop;
  /** The function is told which shard each batch is from, and answers with a state. */
  readonly window?: Duration;
  /** Records at once at the most; 100. */
  readonly batchSize?: number;
  /** How long a batch may wait to fill. */
  readonly batchWindow?: Duration;
}

/** A function that reads the changes of a table, in order a record; a poison record is cut out by halving. */
export class TableStream extends Construct {
  constructor(scope: Construct, id: string, props: TableStreamProps) {
    super(scope, id);
    const { house, table, target, failures, window, batchSize = 100, batchWindow } = props;
    const stream = table.tableStreamArn;
    if (stream === undefined) throw new Error(`${table.node.path} has no stream`);
    target.may(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      stream,
    );
    new EventSourceMapping(this, 'Mapping', {
      target,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      ...(batchWindow === undefined ? {} : { maxBatchingWindow: batchWindow }),
      bisectBatchOnError: true,
      ...(window === undefined ? {} : { tumblingWindow: window }),
      reportBatchItemFailures: true,
      retryAttempts: 10,
      maxRecordAge: Duration.hours(12),
      onFailure: new SqsDlq(failures),
    });
    house.alarms.raise(this, 'Age', {
      says: `${target.node.id} does not keep up with the changes of ${table.node.id}`,
      metric: target.metric('IteratorAge', { statistic: 'Maximum', period: fiveMinutes }),
      above: Duration.minutes(5).toMilliseconds(),
    });
  }
}
