import { z } from 'zod';
import type { LocalClock } from '#local/clock.ts';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { ProvisioningTemplates } from './provisioning/provisioning-templates.ts';
import type { Roles } from './provisioning/roles.ts';
import { sameAttributes } from './registry/records.ts';
import type { Registry } from './registry/registry.ts';
import type { RuleAction } from './rules/rule-definition.ts';
import type { RulesEngine } from './rules/rules-engine.ts';

export interface IotResourceOptions {
  readonly registry: Registry;
  readonly templates: ProvisioningTemplates;
  readonly rules: RulesEngine;
  readonly roles: Roles;
  readonly clock: LocalClock;
}

/** The CloudFormation types of AWS IoT that the local cloud understands. */
export function iotResourceTypes(options: IotResourceOptions): ResourceType[] {
  return [
    { type: 'AWS::IoT::ThingType', create: (properties, scope) => thingType(options, properties, scope) },
    { type: 'AWS::IoT::ThingGroup', create: (properties, scope) => thingGroup(options, properties, scope) },
    { type: 'AWS::IoT::Policy', create: (properties, scope) => policy(options, properties, scope) },
    { type: 'AWS::IoT::ProvisioningTemplate', create: (properties, scope) => template(options, properties, scope) },
    { type: 'AWS::IoT::TopicRule', create: (properties, scope) => topicRule(options, properties, scope) },
  ];
}

// Tags change nothing locally: no policy condition of the local cloud reads the tags of these resources.
const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional();

const thingTypeSchema = z.strictObject({
  ThingTypeName: z.string().optional(),
  ThingTypeProperties: z
    .strictObject({
      ThingTypeDescription: z.string().optional(),
      SearchableAttributes: z.array(z.string()).optional(),
    })
    .optional(),
  Tags: tags,
});

function thingType({ registry }: IotResourceOptions, properties: unknown, scope: ResourceScope): Provisioned {
  const { ThingTypeName: name = scope.physicalName, ThingTypeProperties } = understood(thingTypeSchema, properties);
  const description = ThingTypeProperties?.ThingTypeDescription;
  const searchableAttributes = ThingTypeProperties?.SearchableAttributes;
  if (registry.thingTypes.find(name) !== undefined) registry.thingTypes.describeAs(name, description);
  const { thingTypeId } = registry.thingTypes.create({ thingTypeName: name, description, searchableAttributes });
  return { ref: name, attributes: { Arn: registry.arns.thingType(name), Id: thingTypeId } };
}

const thingGroupSchema = z.strictObject({
  ThingGroupName: z.string().optional(),
  ParentGroupName: z.string().optional(),
  ThingGroupProperties: z
    .strictObject({
      ThingGroupDescription: z.string().optional(),
      AttributePayload: z.strictObject({ Attributes: z.record(z.string(), z.string()).optional() }).optional(),
    })
    .optional(),
  Tags: tags,
});

function thingGroup({ registry }: IotResourceOptions, properties: unknown, scope: ResourceScope): Provisioned {
  const parsed = understood(thingGroupSchema, properties);
  const { ThingGroupName: name = scope.physicalName, ParentGroupName: parentGroupName, ThingGroupProperties } = parsed;
  const description = ThingGroupProperties?.ThingGroupDescription;
  const attributes = ThingGroupProperties?.AttributePayload?.Attributes ?? {};
  const known = registry.thingGroups.find(name);
  if (known !== undefined && !(known.description === description && sameAttributes(known.attributes, attributes))) {
    registry.thingGroups.update(name, { description, attributes });
  }
  const group = { thingGroupName: name, parentGroupName, description, attributes };
  const { thingGroupId } = registry.thingGroups.create(group);
  return { ref: name, attributes: { Arn: registry.arns.thingGroup(name), Id: thingGroupId } };
}

const policySchema = z.strictObject({
  PolicyName: z.string().optional(),
  PolicyDocument: z.union([z.string(), z.record(z.string(), z.unknown())]),
  Tags: tags,
});

const mostVersions = 5;

/** A policy that changed since the last start gets a new default version, in place of the oldest one if need be. */
function policy({ registry }: IotResourceOptions, properties: unknown, scope: ResourceScope): Provisioned {
  const { PolicyName: name = scope.physicalName, PolicyDocument } = understood(policySchema, properties);
  const document = typeof PolicyDocument === 'string' ? PolicyDocument : JSON.stringify(PolicyDocument);
  const { policies } = registry;
  const known = policies.find(name);
  if (known === undefined) policies.create(name, document);
  else if (policies.document(name) !== document) {
    const oldest = known.versions.find(({ versionId }) => versionId !== known.defaultVersionId);
    if (known.versions.length >= mostVersions && oldest !== undefined) policies.deleteVersion(name, oldest.versionId);
    policies.createVersion(name, document, true);
  }
  return { ref: name, attributes: { Arn: registry.arns.policy(name), Id: name } };
}

const templateSchema = z.strictObject({
  TemplateName: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,36}$/)
    .optional(),
  TemplateType: z.literal('FLEET_PROVISIONING').optional(),
  Description: z.string().optional(),
  Enabled: z.boolean().default(false),
  ProvisioningRoleArn: z.string(),
  TemplateBody: z.string(),
  PreProvisioningHook: z
    .strictObject({ TargetArn: z.string(), PayloadVersion: z.literal('2020-04-01').optional() })
    .optional(),
  Tags: tags,
});

function template(options: IotResourceOptions, properties: unknown, scope: ResourceScope): Provisioned {
  const parsed = understood(templateSchema, properties);
  const templateName = parsed.TemplateName ?? scope.physicalName;
  const arn = options.registry.arns.provisioningTemplate(templateName);
  checkTrust(options, parsed.ProvisioningRoleArn, arn);
  const definition = {
    templateName,
    ...(parsed.Description === undefined ? {} : { description: parsed.Description }),
    enabled: parsed.Enabled,
    provisioningRoleArn: parsed.ProvisioningRoleArn,
    templateBody: parsed.TemplateBody,
    ...(parsed.PreProvisioningHook === undefined ? {} : { hookArn: parsed.PreProvisioningHook.TargetArn }),
  };
  options.templates.put(definition, options.clock.now());
  return { ref: templateName, attributes: { TemplateArn: arn } };
}

const action = z.union([
  z.strictObject({ Lambda: z.strictObject({ FunctionArn: z.string() }) }),
  z.strictObject({
    Sqs: z.strictObject({
      QueueUrl: z.string().regex(/^[^$]*$/, 'must be a queue, without substitution templates'),
      RoleArn: z.string(),
      UseBase64: z.boolean().optional(),
    }),
  }),
  z.strictObject({
    Republish: z.strictObject({
      Topic: z.string(),
      RoleArn: z.string(),
      Qos: z.union([z.literal(0), z.literal(1)]).optional(),
    }),
  }),
]);

const topicRuleSchema = z.strictObject({
  RuleName: z.string().optional(),
  TopicRulePayload: z.strictObject({
    Sql: z.string(),
    AwsIotSqlVersion: z.literal('2016-03-23'),
    Description: z.string().optional(),
    RuleDisabled: z.boolean().default(false),
    Actions: z.array(action).max(10),
    ErrorAction: action.optional(),
  }),
  Tags: tags,
});

function topicRule(options: IotResourceOptions, properties: unknown, scope: ResourceScope): Provisioned {
  const { RuleName, TopicRulePayload: payload } = understood(topicRuleSchema, properties);
  const ruleName = RuleName ?? scope.physicalName.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  if (!/^[a-zA-Z0-9_]{1,128}$/.test(ruleName)) throw new Error(`"${ruleName}" is no valid rule name`);
  const arn = options.registry.arns.rule(ruleName);
  const actions = payload.Actions.map(actionOf);
  const errorAction = payload.ErrorAction === undefined ? undefined : actionOf(payload.ErrorAction);
  for (const each of [...actions, ...(errorAction === undefined ? [] : [errorAction])]) {
    if (each.kind !== 'lambda') checkTrust(options, each.roleArn, arn);
  }
  options.rules.put({
    ruleName,
    ...(payload.Description === undefined ? {} : { description: payload.Description }),
    sql: payload.Sql,
    disabled: payload.RuleDisabled,
    actions,
    ...(errorAction === undefined ? {} : { errorAction }),
  });
  return { ref: ruleName, attributes: { Arn: arn } };
}

function actionOf(parsed: z.infer<typeof action>): RuleAction {
  if ('Lambda' in parsed) return { kind: 'lambda', functionArn: parsed.Lambda.FunctionArn };
  if ('Sqs' in parsed) {
    const { QueueUrl, RoleArn, UseBase64 = false } = parsed.Sqs;
    return { kind: 'sqs', queueUrl: QueueUrl, roleArn: RoleArn, useBase64: UseBase64 };
  }
  const { Topic, RoleArn, Qos = 0 } = parsed.Republish;
  return { kind: 'republish', topic: Topic, qos: Qos, roleArn: RoleArn };
}

/** AWS IoT tries the role when the resource is made. */
function checkTrust({ roles }: IotResourceOptions, roleArn: string, sourceArn: string): void {
  roles.assume(roleArn, 'iot.amazonaws.com', { 'aws:SourceArn': sourceArn });
}

function understood<T>(schema: z.ZodType<T>, properties: unknown): T {
  const parsed = schema.safeParse(properties);
  if (!parsed.success) throw new Error(`not understood: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
