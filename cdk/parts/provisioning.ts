import { Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { ruleNames } from '#shared/vehicle-cloud/topics.ts';
import { anyVehicle, deviceCloudNames } from '../names.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { HouseFunction } from './house-function.ts';
import { iotArn } from './iot-arn.ts';
import { provisioningBody } from './provisioning-body.ts';
import { iotOfThisAccount } from './topic-rule.ts';

export interface ProvisioningProps {
  readonly stage: string;
  /** Asked about each vehicle before anything is made. */
  readonly hook: HouseFunction;
}

/** Fleet provisioning by claim: the template, the hook's permission, and the role that makes the things. */
export class Provisioning extends Construct {
  readonly template: CfnProvisioningTemplate;

  constructor(scope: Construct, id: string, { stage, hook }: ProvisioningProps) {
    super(scope, id);
    const names = deviceCloudNames(stage);
    const role = new Role(this, 'Role', { assumedBy: iotOfThisAccount(this) });
    const making = new Policy(this, 'Making', { roles: [role], statements: this.grants(stage) });
    acknowledgeWildcards(
      making,
      [`thing/${anyVehicle}`, 'cert/*', `thinggroup/${names.brandPrefix}*`],
      'Things and certificates are made here; the brand is known when a vehicle comes.',
    );
    this.template = new CfnProvisioningTemplate(this, 'Template', {
      templateName: names.provisioningTemplate,
      description: 'Vehicles that the registry expects',
      templateType: 'FLEET_PROVISIONING',
      enabled: true,
      provisioningRoleArn: role.roleArn,
      preProvisioningHook: { targetArn: hook.functionArn, payloadVersion: '2020-04-01' },
      templateBody: provisioningBody(names, ruleNames(stage)),
    });
    hook.addPermission('ProvisioningOfIot', {
      principal: new ServicePrincipal('iot.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: iotArn(this, `provisioningtemplate/${names.provisioningTemplate}`),
    });
    this.template.node.addDependency(making);
  }

  /** What the template needs, out of the forty actions of AWS's managed policy. */
  private grants(stage: string): PolicyStatement[] {
    const names = deviceCloudNames(stage);
    const things = iotArn(this, `thing/${anyVehicle}`);
    const certificates = iotArn(this, 'cert/*');
    const groups = [iotArn(this, `thinggroup/${names.allVehicles}`), iotArn(this, `thinggroup/${names.brandPrefix}*`)];
    const policies = [iotArn(this, `policy/${names.messagesPolicy}`), iotArn(this, `policy/${names.shadowsPolicy}`)];
    return [
      new PolicyStatement({
        actions: ['iot:CreateThing', 'iot:DescribeThing', 'iot:UpdateThing', 'iot:ListThingGroupsForThing'],
        resources: [things],
      }),
      new PolicyStatement({
        actions: ['iot:DescribeThingType'],
        resources: [iotArn(this, `thingtype/${names.thingType}`)],
      }),
      new PolicyStatement({ actions: ['iot:DescribeThingGroup'], resources: groups }),
      new PolicyStatement({ actions: ['iot:AddThingToThingGroup'], resources: [things, ...groups] }),
      new PolicyStatement({ actions: ['iot:DescribeCertificate', 'iot:UpdateCertificate'], resources: [certificates] }),
      new PolicyStatement({ actions: ['iot:AttachThingPrincipal'], resources: [things, certificates] }),
      new PolicyStatement({ actions: ['iot:AttachPolicy'], resources: [certificates] }),
      new PolicyStatement({ actions: ['iot:GetPolicy'], resources: policies }),
    ];
  }
}
