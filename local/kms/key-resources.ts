import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import { keySpecs, type SigningKeys } from './signing-keys.ts';

/** The account decides by its identities' policies alone: anything narrower in a key's policy nobody would check here. */
const keyPolicy = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z
    .array(
      z.strictObject({
        Sid: z.string().optional(),
        Effect: z.literal('Allow'),
        Principal: z.strictObject({
          AWS: z.string().regex(/^arn:aws:iam::\d{12}:root$/, 'must be the account itself'),
        }),
        Action: z.literal('kms:*'),
        Resource: z.literal('*'),
      }),
    )
    .length(1, 'the local cloud understands the default key policy, which leaves it to IAM, and no other'),
});

const keyProperties = z.strictObject({
  Description: z.string().max(8192).optional(),
  KeySpec: z.enum(keySpecs, 'the local cloud has keys RSA_2048, RSA_3072, RSA_4096 and ECC_NIST_P256'),
  KeyUsage: z.literal('SIGN_VERIFY'),
  KeyPolicy: keyPolicy,
  // A key that is switched off signs nothing; a template that wants it so has no use for it here.
  Enabled: z.literal(true).optional(),
  MultiRegion: z.literal(false).optional(),
  PendingWindowInDays: z.int().min(7).max(30).optional(),
  // For bills and searches; nothing here reads them.
  Tags: z.unknown().optional(),
});

const aliasProperties = z.strictObject({
  AliasName: z.string().regex(/^alias\/(?!aws\/)[\w/-]{1,250}$/),
  TargetKeyId: z.string(),
});

/** `AWS::KMS::Key` and `AWS::KMS::Alias`. */
export function keyResources(keys: SigningKeys): ResourceType[] {
  return [
    { type: 'AWS::KMS::Key', create: (properties, scope) => createKey(properties, scope, keys) },
    { type: 'AWS::KMS::Alias', create: (properties) => createAlias(properties, keys) },
  ];
}

function createKey(properties: unknown, { physicalName }: ResourceScope, keys: SigningKeys): Provisioned {
  const parsed = keyProperties.safeParse(properties);
  if (!parsed.success)
    throw new Error(`The local cloud does not understand this key: ${z.prettifyError(parsed.error)}`);
  const { keyId, arn } = keys.ensure(physicalName, parsed.data.KeySpec);
  return { ref: keyId, attributes: { Arn: arn, KeyId: keyId } };
}

function createAlias(properties: unknown, keys: SigningKeys): Provisioned {
  const parsed = aliasProperties.safeParse(properties);
  if (!parsed.success) {
    throw new Error(`The local cloud does not understand this alias: ${z.prettifyError(parsed.error)}`);
  }
  const { AliasName: alias, TargetKeyId: target } = parsed.data;
  keys.name(alias, target);
  return { ref: alias, attributes: {} };
}
