import { Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
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

/** The same for the folders of a bucket of another stack, which cdk-nag knows by the name of its export. */
export function acknowledgeFolders(role: Construct, bucket: Bucket, folders: readonly string[], reason: string): void {
  const reference: unknown = Stack.of(role).resolve(Stack.of(bucket).exportValue(bucket.bucketArn));
  const isNamed = typeof reference === 'object' && reference !== null && 'Fn::ImportValue' in reference;
  const arn = isNamed ? String(reference['Fn::ImportValue']) : '';
  for (const folder of folders) {
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}/${folder}/*]`, reason });
  }
}
