import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { iotArn } from './iot-arn.ts';

/**
 * Acknowledges that a role's resource ends in a wildcard, one by one, so that cdk-nag still reports the next.
 *
 * @param resources as in {@link iotArn}: `thing/veh-*`
 */
export function acknowledgeWildcards(role: Construct, resources: readonly string[], reason: string): void {
  for (const resource of resources) {
    const arn = iotArn(role, resource).replace(Stack.of(role).account, '<AWS::AccountId>');
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
  }
}
