import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { ruleNames } from '#shared/vehicle-cloud/topics.ts';
import { deviceCloudNames } from '../names.ts';
import { claimPolicy, messagesPolicy, shadowsPolicy } from '../parts/device-policies.ts';

/** What a certificate may do. Two policies for a vehicle, because one may hold 2,048 characters only. */
export class DeviceCloud extends Construct {
  readonly policies: readonly CfnPolicy[];

  constructor(scope: Construct, id: string, { stage }: { readonly stage: string }) {
    super(scope, id);
    const names = deviceCloudNames(stage);
    const documents = {
      [names.messagesPolicy]: messagesPolicy(this, ruleNames(stage)),
      [names.shadowsPolicy]: shadowsPolicy(this),
      [names.claimPolicy]: claimPolicy(this, names.provisioningTemplate),
    };
    this.policies = Object.entries(documents).map(
      ([policyName, policyDocument]) => new CfnPolicy(this, policyName, { policyName, policyDocument }),
    );
  }
}
