import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { Iam } from './iam.ts';

const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]);

const roleSchema = z.strictObject({
  RoleName: z.string().optional(),
  Path: z
    .string()
    .regex(/^\/(.*\/)?$/)
    .default('/'),
  Description: z.string().optional(),
  AssumeRolePolicyDocument: z.unknown(),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  // Keys of the local cloud live as long as its process: the length of a session changes nothing.
  MaxSessionDuration: z.union([z.number(), z.string()]).optional(),
  Tags: tags,
});

const policySchema = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).min(1),
});

const managedPolicySchema = z.strictObject({
  ManagedPolicyName: z.string().optional(),
  Path: z
    .string()
    .regex(/^\/(.*\/)?$/)
    .default('/'),
  Description: z.string().optional(),
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
});

/** The IAM types of CloudFormation that the local cloud understands. */
export function iamResourceTypes(iam: Iam): ResourceType[] {
  return [
    { type: 'AWS::IAM::Role', create: (properties, scope) => createRole(iam, properties, scope) },
    { type: 'AWS::IAM::Policy', create: (properties, scope) => createPolicy(iam, properties, scope) },
    { type: 'AWS::IAM::ManagedPolicy', create: (properties, scope) => createManagedPolicy(iam, properties, scope) },
  ];
}

function createRole(iam: Iam, properties: unknown, { accountId, physicalName }: ResourceScope): Provisioned {
  const role = understood(roleSchema, properties);
  const roleName = role.RoleName ?? physicalName;
  const arn = `arn:aws:iam::${accountId}:role${role.Path}${roleName}`;
  iam.putRole({
    roleName,
    arn,
    trustPolicy: role.AssumeRolePolicyDocument,
    tags: Object.fromEntries(role.Tags.map((tag) => [tag.Key, tag.Value])),
  });
  for (const policyArn of role.ManagedPolicyArns) iam.attachManagedPolicy(roleName, policyArn);
  for (const policy of role.Policies) iam.putRolePolicy(roleName, policy.PolicyName, policy.PolicyDocument);
  const digest = createHash('sha256').update(arn).digest('hex').toUpperCase();
  return { ref: roleName, attributes: { Arn: arn, RoleId: `AROA${digest.slice(0, 17)}` } };
}

function createPolicy(iam: Iam, properties: unknown, { physicalName }: ResourceScope): Provisioned {
  const policy = understood(policySchema, properties);
  for (const roleName of policy.Roles) iam.putRolePolicy(roleName, policy.PolicyName, policy.PolicyDocument);
  return { ref: physicalName, attributes: {} };
}

function createManagedPolicy(iam: Iam, properties: unknown, { accountId, physicalName }: ResourceScope): Provisioned {
  const policy = understood(managedPolicySchema, properties);
  const arn = `arn:aws:iam::${accountId}:policy${policy.Path}${policy.ManagedPolicyName ?? physicalName}`;
  iam.putManagedPolicy(arn, policy.PolicyDocument);
  for (const roleName of policy.Roles) iam.attachManagedPolicy(roleName, arn);
  return { ref: arn, attributes: { PolicyArn: arn } };
}

function understood<T>(schema: z.ZodType<T>, properties: unknown): T {
  const parsed = schema.safeParse(properties);
  if (!parsed.success) throw new Error(`these properties are not understood:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
