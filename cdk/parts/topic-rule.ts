import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { iotArn } from './iot-arn.ts';

export type RuleTarget =
  | { readonly kind: 'queue'; readonly queue: IQueue }
  | { readonly kind: 'function'; readonly function: IFunction };

export interface TopicRuleProps {
  readonly ruleName: string;
  readonly description: string;
  readonly sql: string;
  readonly target: RuleTarget;
  /** Where a message goes when its action fails. */
  readonly failures: IQueue;
}

/** A topic rule with one action, an error action, and a role that may do these two things alone. */
export class TopicRule extends Construct {
  constructor(scope: Construct, id: string, { ruleName, description, sql, target, failures }: TopicRuleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: iotOfThisAccount(this) });
    failures.grantSendMessages(role);
    if (target.kind === 'queue') target.queue.grantSendMessages(role);
    const rule = new CfnTopicRule(this, 'Rule', {
      ruleName,
      topicRulePayload: {
        description,
        sql,
        awsIotSqlVersion: '2016-03-23',
        ruleDisabled: false,
        actions: [
          target.kind === 'queue'
            ? sendTo(target.queue, role)
            : { lambda: { functionArn: target.function.functionArn } },
        ],
        errorAction: sendTo(failures, role),
      },
    });
    // AWS IoT tries the role when it makes the rule, so its policy must stand first.
    rule.node.addDependency(role);
    if (target.kind === 'function') {
      target.function.addPermission(`${id}OfIot`, {
        principal: new ServicePrincipal('iot.amazonaws.com'),
        sourceAccount: Stack.of(this).account,
        sourceArn: iotArn(this, `rule/${ruleName}`),
      });
    }
  }
}

function sendTo(queue: IQueue, role: Role): CfnTopicRule.ActionProperty {
  return { sqs: { queueUrl: queue.queueUrl, roleArn: role.roleArn, useBase64: false } };
}

/** AWS IoT, acting for this account and not for somebody else's rule. */
export function iotOfThisAccount(scope: Construct): ServicePrincipal {
  return new ServicePrincipal('iot.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}
