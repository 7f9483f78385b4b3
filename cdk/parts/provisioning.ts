import { Stack, Validations } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnProvisioningTemplate } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { ruleNames } from '#shared/vehicle-cloud/topics.ts';
import { anyVehicle, deviceCloudNames } from '../names.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { HouseFunction } from './house-function.ts';
import { iotArn } from './iot-arn.ts';
import { provisioningBody, rotationBody } from './provisioning-body.ts';
import { iotOfThisAccount } from './topic-rule.ts';

export interface ProvisioningProps {
  readonly stage: string;
  /** Asked about each vehicle before anything is made. */
  readonly hook: HouseFunction;
  /** Asked about each vehicle that changes its certificate. */
  readonly rotationHook: HouseFunction;
}

/**
 * Fleet provisioning: the template for claims and the one for vehicles that change their certificate, the permissions
 * of their hooks, and the role that makes the things.
 */
export class Provisioning extends Construct {
  constructor(scope: Construct, id: string, { stage, hook, rotationHook }: ProvisioningProps) {
    super(scope, id);
    const names = deviceCloudNames(stage);
    const role = new Role(this, 'Role', { assumedBy: iotOfThisAccount(this) });
    const making = new Policy(this, 'Making', { roles: [role], statements: this.grants(stage) });
    acknowledgeWildcards(
      making,
      [`thing/${anyVehicle}`, 'cert/*', `thinggroup/${names.brandPrefix}*`],
      'Things and certificates are made here; the brand is known when a vehicle comes.',
    );
    Validations.of(making).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'RegisterThing knows no resources.',
    });
    const templates = [
      this.template('Template', role, hook, {
        templateName: names.provisioningTemplate,
        description: 'Vehicles that the registry expects',
        templateBody: provisioningBody(names, ruleNames(stage)),
      }),
      this.template('Rotation', role, rotationHook, {
        templateName: names.rotationTemplate,
        description: 'Vehicles that change their certificate',
        templateBody: rotationBody(names, ruleNames(stage)),
      }),
    ];
    for (const template of templates) template.node.addDependency(making);
  }

  private template(
    id: string,
    role: Role,
    hook: HouseFunction,
    says: { readonly templateName: string; readonly description: string; readonly templateBody: string },
  ): CfnProvisioningTemplate {
    const asked = 'ProvisioningOfIot';
    hook.addPermission(asked, {
      principal: new ServicePrincipal('iot.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: iotArn(this, `provisioningtemplate/${says.templateName}`),
    });
    const template = new CfnProvisioningTemplate(this, id, {
      ...says,
      templateType: 'FLEET_PROVISIONING',
      enabled: true,
      provisioningRoleArn: role.roleArn,
      preProvisioningHook: { targetArn: hook.functionArn, payloadVersion: '2020-04-01' },
    });
    // AWS says: first the permission, then the template ("Pre-provisioning hooks").
    template.node.addDependency(hook.node.findChild(asked));
    return template;
  }

  /**
   * AWS does not say which calls a template entails; it says `AWSIoTThingsRegistration`, some thirty actions on
   * `*`. These are the ones of that list that make, find and attach what our template names, on our names. What
   * makes policies and keys, detaches and removes is left out.
   */
  private grants(stage: string): PolicyStatement[] {
    const names = deviceCloudNames(stage);
    const things = iotArn(this, `thing/${anyVehicle}`);
    const certificates = iotArn(this, 'cert/*');
    const groups = [iotArn(this, `thinggroup/${names.allVehicles}`), iotArn(this, `thinggroup/${names.brandPrefix}*`)];
    const attached = [names.messagesPolicy, names.shadowsPolicy, names.updatesPolicy];
    const policies = attached.map((name) => iotArn(this, `policy/${name}`));
    const allowed: readonly (readonly [resources: readonly string[], ...actions: readonly string[]])[] = [
      [[things], 'CreateThing', 'DescribeThing', 'UpdateThing', 'ListThingGroupsForThing', 'ListThingPrincipals'],
      [[iotArn(this, `thingtype/${names.thingType}`)], 'DescribeThingType'],
      [groups, 'DescribeThingGroup'],
      [[things, ...groups], 'AddThingToThingGroup', 'UpdateThingGroupsForThing'],
      [[certificates], 'DescribeCertificate', 'UpdateCertificate', 'ListPrincipalThings'],
      [[things, certificates], 'AttachThingPrincipal'],
      // Old and new name of the same operation: the list of 2017 had the former alone.
      [[certificates], 'AttachPolicy', 'AttachPrincipalPolicy', 'ListAttachedPolicies', 'ListPrincipalPolicies'],
      [policies, 'GetPolicy', 'ListTargetsForPolicy', 'ListPolicyPrincipals'],
      // Knows no resource, and does nothing that the other actions do not allow.
      [['*'], 'RegisterThing'],
    ];
    return allowed.map(
      ([resources, ...actions]) =>
        new PolicyStatement({ actions: actions.map((action) => `iot:${action}`), resources: [...resources] }),
    );
  }
}
