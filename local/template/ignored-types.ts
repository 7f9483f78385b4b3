import type { JsonObject } from './intrinsics.ts';
import type { Provisioned, ResourceScope } from './resource-type.ts';

/** A CloudFormation type that the local cloud knows and does nothing for. */
interface IgnoredType {
  /** Why nothing is lost by leaving it out. */
  readonly reason: string;
  /** The property that holds an explicit name. */
  readonly name?: string;
  readonly arn?: (scope: ResourceScope, name: string) => string;
  /** What `Ref` gives; the name unless said otherwise. */
  readonly ref?: 'name' | 'arn';
}

/** The whole list. A type that is neither here nor handled stops the start. */
const ignored: ReadonlyMap<string, IgnoredType> = new Map<string, IgnoredType>([
  ['AWS::CDK::Metadata', { reason: 'Statistics for the authors of CDK; it makes nothing.' }],
  [
    'AWS::Logs::LogGroup',
    {
      reason: 'Functions write their log lines to the log of the local cloud.',
      name: 'LogGroupName',
      arn: ({ region, accountId }, name) => `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`,
    },
  ],
  ['AWS::Logs::MetricFilter', { reason: 'There are no metrics locally.', name: 'FilterName' }],
  [
    'AWS::CloudWatch::Alarm',
    {
      reason: 'There are no metrics locally that an alarm could watch.',
      name: 'AlarmName',
      arn: ({ region, accountId }, name) => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`,
    },
  ],
  [
    'AWS::CloudWatch::CompositeAlarm',
    {
      reason: 'There are no metrics locally that an alarm could watch.',
      name: 'AlarmName',
      arn: ({ region, accountId }, name) => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`,
    },
  ],
  [
    'AWS::SNS::Topic',
    {
      // A subscription is not ignored and no call to SNS is answered: a topic with any other use stops the start.
      reason: 'Only alarms speak to topics, and there are none locally.',
      name: 'TopicName',
      arn: ({ region, accountId }, name) => `arn:aws:sns:${region}:${accountId}:${name}`,
      ref: 'arn',
    },
  ],
  ['AWS::SNS::TopicPolicy', { reason: 'Only alarms speak to topics, and there are none locally.' }],
  ['AWS::CloudWatch::Dashboard', { reason: 'A dashboard only shows metrics.', name: 'DashboardName' }],
]);

export const ignoredTypes: ReadonlySet<string> = new Set(ignored.keys());

/** Why a type is left out, for people. */
export function reasonToIgnore(type: string): string | undefined {
  return ignored.get(type)?.reason;
}

/** What `Ref` and `Arn` of an ignored resource give: other resources may name it. */
export function ignoredResource(type: string, properties: JsonObject, scope: ResourceScope): Provisioned {
  const known = ignored.get(type);
  const explicit = known?.name === undefined ? undefined : properties[known.name];
  const name = typeof explicit === 'string' ? explicit : scope.physicalName;
  const arn = known?.arn?.(scope, name);
  return { ref: known?.ref === 'arn' ? (arn ?? name) : name, attributes: arn === undefined ? {} : { Arn: arn } };
}
