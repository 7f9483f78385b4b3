import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarm,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { named } from '../names.ts';
import type { Settings } from '../settings.ts';

export interface AlarmProps {
  /** What is wrong, in one sentence for the person who is called. */
  readonly says: string;
  readonly metric: IMetric;
  /** Rings when the metric is above this in `periods` successive periods. */
  readonly above: number;
  readonly periods?: number;
}

/** Every alarm of a stack, and the topic that they report to. */
export class Alarms extends Construct {
  readonly all: IAlarm[] = [];
  readonly topic: ITopic;

  /** @param topic of a stack before, whose policy lets every alarm of the account publish; default: one of its own */
  constructor(scope: Construct, id: string, settings: Settings, topic?: ITopic) {
    super(scope, id);
    this.topic = topic ?? this.ownTopic(settings);
  }

  /** @param id unique in `scope`, e.g. `Depth` */
  raise(scope: Construct, id: string, { says, metric, above, periods = 1 }: AlarmProps): void {
    const alarm = new Alarm(scope, id, {
      alarmDescription: says,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // Nothing reported means nothing happened: an idle queue is a healthy queue.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.all.push(alarm);
  }

  private ownTopic({ stage, alarmEmail }: Settings): Topic {
    const topic = new Topic(this, 'Topic', { topicName: named(stage, 'alarms'), enforceSSL: true });
    this.letAlarmsPublish(topic);
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }

  /** The topic's own policy (it refuses plain HTTP) replaces the default one that lets CloudWatch in. */
  private letAlarmsPublish(topic: Topic): void {
    const stack = Stack.of(this);
    const anyAlarm = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { ArnLike: { 'aws:SourceArn': anyAlarm }, StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
  }
}

export const fiveMinutes = Duration.minutes(5);

/** What a function counts by itself in five minutes. @param service the function's name, without the stage */
export function countedBy(service: string, metricName: string): Metric {
  const dimensionsMap = { service };
  return new Metric({ namespace: 'Fleetloom', metricName, dimensionsMap, period: fiveMinutes, statistic: 'Sum' });
}
