import { Duration, Validations } from 'aws-cdk-lib';
import type { AddToResourcePolicyResult, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { named } from '../names.ts';
import { fiveMinutes } from './alarms.ts';
import type { House } from './house.ts';
import { plainHttpRefused, QueueTransport } from './queue-transport.ts';

/** Encrypted, and by TLS alone. */
class HouseQueue extends Queue {
  #hasOwnPolicy = false;

  constructor(scope: Construct, id: string, house: House, name: string, props: QueueProps) {
    super(scope, id, {
      ...{ queueName: named(house.settings.stage, name), encryption: QueueEncryption.SQS_MANAGED },
      ...props,
    });
    QueueTransport.of(this).guard(this);
  }

  /** A queue has one policy: where it needs its own, it refuses plain HTTP there. */
  override addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult {
    if (!this.#hasOwnPolicy) {
      this.#hasOwnPolicy = true;
      QueueTransport.of(this).release(this);
      super.addToResourcePolicy(plainHttpRefused(this.queueArn));
    }
    return super.addToResourcePolicy(statement);
  }
}

/** The last stop: nothing consumes it, whatever arrives rings an alarm and stays for two weeks. */
export class LastStop extends HouseQueue {
  /** @param says what it means when something lies here */
  constructor(scope: Construct, id: string, house: House, name: string, says: string) {
    super(scope, id, house, name, { retentionPeriod: Duration.days(14) });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This queue is itself the end: nothing consumes it, so nothing can fail on it.',
    });
    house.alarms.raise(this, 'Depth', {
      says,
      metric: this.metricApproximateNumberOfMessagesVisible({ period: fiveMinutes, statistic: 'Maximum' }),
      above: 0,
    });
  }
}

export interface WorkQueueProps {
  readonly name: string;
  /** The queue waits six times as long, as AWS asks for functions that read a queue. */
  readonly consumerTimeout: Duration;
  /**
   * Waits shorter: for consumers that keep a message's work to one of them by a lease, so that a second delivery
   * does no harm and one that died is followed soon.
   */
  readonly visibility?: Duration;
  /** Deliveries until a message counts as poison. */
  readonly attempts?: number;
}

/** A queue that a function reads, with the dead-letter queue for what the function cannot swallow. */
export class WorkQueue extends HouseQueue {
  constructor(scope: Construct, id: string, house: House, props: WorkQueueProps) {
    const { name, consumerTimeout, visibility, attempts = 5 } = props;
    const dead = new LastStop(
      scope,
      `${id}Dead`,
      house,
      `${name}-dead`,
      `Messages of ${name} failed ${attempts} times`,
    );
    super(scope, id, house, name, {
      visibilityTimeout: visibility ?? Duration.seconds(consumerTimeout.toSeconds() * 6),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: dead, maxReceiveCount: attempts },
    });
    house.alarms.raise(this, 'Age', {
      says: `Messages of ${name} wait: its function does not keep up or fails`,
      metric: this.metricApproximateAgeOfOldestMessage({ period: fiveMinutes }),
      above: 1200,
    });
  }
}
