import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { ruleNames } from '#shared/vehicle-cloud/topics.ts';
import { deviceCloudNames } from '../names.ts';
import { claimPolicy, messagesPolicy, shadowsPolicy, updatesPolicy } from '../parts/device-policies.ts';

/**
 * What a certificate may do. Three policies for a vehicle, because one may hold 2,048 characters only. They hang on
 * every vehicle's certificate, and AWS IoT deletes none that hangs on something: so they stay, as the vehicles do.
 */
export class DeviceCloud extends Construct {
  constructor(scope: Construct, id: string, { stage }: { readonly stage: string }) {
    super(scope, id);
    const names = deviceCloudNames(stage);
    const documents = {
      [names.messagesPolicy]: messagesPolicy(this, ruleNames(stage)),
      [names.shadowsPolicy]: shadowsPolicy(this, names.rotationTemplate),
      [names.updatesPolicy]: updatesPolicy(this, ruleNames(stage)),
      [names.claimPolicy]: claimPolicy(this, names.provisioningTemplate),
    };
    for (const [policyName, policyDocument] of Object.entries(documents)) {
      new CfnPolicy(this, policyName, { policyName, policyDocument }).applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
  }
}
