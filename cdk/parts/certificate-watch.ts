import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { named } from '../names.ts';
import { QueueConsumer } from './event-sources.ts';
import type { House } from './house.ts';
import { HouseFunction } from './house-function.ts';
import { LastStop, WorkQueue } from './queues.ts';
import { grantRecords } from './record-grants.ts';
import type { RecordTable } from './record-table.ts';

export interface CertificateWatchProps {
  readonly house: House;
  readonly table: RecordTable;
}

const timeout = Duration.minutes(5);

/**
 * Counts once a day the certificates that expire, and rings. The schedule puts a message into a queue; a run that
 * comes to the end of its time puts the next one.
 */
export class CertificateWatch extends Construct {
  readonly function: HouseFunction;

  constructor(scope: Construct, id: string, { house, table }: CertificateWatchProps) {
    super(scope, id);
    const queue = new WorkQueue(this, 'Queue', house, { name: 'certificate-watch', consumerTimeout: timeout });
    this.function = new HouseFunction(this, 'Function', house, {
      name: 'certificate-watch',
      description: 'Counts the certificates that expire, and ends rotations that nobody confirmed',
      environment: { REGISTRY_TABLE: table.tableName, WATCH_QUEUE_URL: queue.queueUrl },
      timeout,
      goesOnByItself: true,
    });
    grantRecords(this.function, table, 'GetItem', 'PutItem');
    this.function.may(['dynamodb:Scan'], `${table.tableArn}/index/byModel`);
    queue.grantSendMessages(this.function);
    new QueueConsumer(this, 'Consumer', { queue, target: this.function, batchSize: 1 });
    new Rule(this, 'Daily', {
      ruleName: named(house.settings.stage, 'certificate-watch'),
      description: 'Has the certificates counted once a day',
      schedule: Schedule.rate(Duration.days(1)),
      targets: [
        new SqsQueue(queue, {
          deadLetterQueue: new LastStop(
            this,
            'Unsent',
            house,
            'certificate-watch-unsent',
            'The daily count of certificates did not begin',
          ),
        }),
      ],
    });
    this.alarm(
      house,
      'CertificatesExpiring',
      'Certificates of active vehicles expire within 30 days: they do not change them',
    );
    this.alarm(
      house,
      'CertificatesExpired',
      'Certificates of active vehicles have expired: these vehicles cannot connect',
    );
  }

  /** The metric is there once a day; an alarm looks back for as long, so that it does not go out in between. */
  private alarm(house: House, metricName: string, says: string): void {
    const metric = new Metric({
      namespace: 'Fleetloom',
      metricName,
      dimensionsMap: { service: 'certificate-watch' },
      statistic: 'Maximum',
      period: Duration.days(1),
    });
    house.alarms.raise(this, metricName, { says, metric, above: 0 });
  }
}
