import { z } from 'zod';

/** The part of a template that the comparison looks at. */
const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
    }),
  ),
});

export type BaselineTemplate = z.infer<typeof templateSchema>;
type Resource = BaselineTemplate['Resources'][string];

export interface Loss {
  readonly kind: 'removed' | 'replaced' | 'unprotected' | 'not in the baseline';
  readonly logicalId: string;
  readonly type: string;
  readonly detail: string;
}

/**
 * The types whose loss somebody would feel (records, identities, names that vehicles and partners hold),
 * and the properties that CloudFormation can only change by making a new one.
 */
const lasting: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::Cognito::UserPool': ['UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration'],
  'AWS::Cognito::UserPoolClient': ['GenerateSecret', 'UserPoolId'],
  'AWS::Cognito::UserPoolDomain': ['Domain', 'UserPoolId'],
  'AWS::Cognito::UserPoolResourceServer': ['Identifier', 'UserPoolId'],
  'AWS::IoT::ThingType': ['ThingTypeName'],
  'AWS::IoT::ThingGroup': ['ThingGroupName', 'ParentGroupName'],
  'AWS::IoT::Policy': ['PolicyName'],
  'AWS::IoT::ProvisioningTemplate': ['TemplateName', 'TemplateType'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
};

/** @param text the JSON of a synthesized template */
export function parseTemplate(text: string): BaselineTemplate {
  return templateSchema.parse(JSON.parse(text));
}

/** Takes the hashes of assets out, which change with every line of code. */
export function withoutAssetHashes(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{64}(?=\.zip\b)/g, 'asset');
}

/** What would be lost, or is not watched yet, if `now` were deployed over `baseline`. */
export function lossesBetween(baseline: BaselineTemplate, now: BaselineTemplate): readonly Loss[] {
  const before = Object.entries(baseline.Resources).filter(isLasting);
  const fresh = Object.entries(now.Resources).filter(isLasting);
  return [
    ...before.flatMap(([logicalId, old]) => lossesOf(logicalId, old, now.Resources[logicalId])),
    ...fresh
      .filter(([logicalId]) => baseline.Resources[logicalId] === undefined)
      .map(
        ([logicalId, { Type }]): Loss => ({ kind: 'not in the baseline', logicalId, type: Type, detail: 'it is new' }),
      ),
  ];
}

function isLasting([, { Type }]: [string, Resource]): boolean {
  return Object.hasOwn(lasting, Type);
}

function lossesOf(logicalId: string, old: Resource, now: Resource | undefined): readonly Loss[] {
  const type = old.Type;
  if (now === undefined || now.Type !== type) {
    return [{ kind: 'removed', logicalId, type, detail: `CloudFormation would ${fateOf(old)} it` }];
  }
  const replaced = (lasting[type] ?? []).filter((name) => differ(old.Properties[name], now.Properties[name]));
  return [
    ...replaced.map((name): Loss => ({ kind: 'replaced', logicalId, type, detail: `${name} changes` })),
    ...protections(old)
      .filter((protection) => !protections(now).includes(protection))
      .map((protection): Loss => ({ kind: 'unprotected', logicalId, type, detail: `loses ${protection}` })),
  ];
}

function fateOf({ DeletionPolicy }: Resource): string {
  return DeletionPolicy === 'Retain' ? 'abandon' : 'delete';
}

function protections({ Properties, DeletionPolicy }: Resource): readonly string[] {
  const text = JSON.stringify(Properties);
  return [
    ...(DeletionPolicy === 'Retain' ? ['DeletionPolicy: Retain'] : []),
    ...(text.includes('"DeletionProtectionEnabled":true') ? ['DeletionProtectionEnabled'] : []),
    ...(text.includes('"DeletionProtection":"ACTIVE"') ? ['DeletionProtection'] : []),
    ...(text.includes('"PointInTimeRecoveryEnabled":true') ? ['PointInTimeRecoveryEnabled'] : []),
  ];
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
