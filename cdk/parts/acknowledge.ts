import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Acknowledges that a role's resource ends in a wildcard, one by one, so that cdk-nag still reports the next.
 *
 * @param resources as in {@link iotArn}: `thing/veh-*`
 */
export function acknowledgeWildcards(role: Construct, resources: readonly string[], reason: string): void {
  const { region } = Stack.of(role);
  for (const resource of resources) {
    const finding = `Resource::arn:<AWS::Partition>:iot:${region}:<AWS::AccountId>:${resource}`;
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
  }
}
