import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** `client/veh-1`, `topic/vehicles/veh-1/commands`, `cert/…` in this account and region. */
export function iotArn(scope: Construct, resource: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:iot:${region}:${account}:${resource}`;
}
