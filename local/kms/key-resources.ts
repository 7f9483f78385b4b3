import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import type { MacKeys } from './mac-keys.ts';
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

const common = {
  Description: z.string().max(8192).optional(),
  KeyPolicy: keyPolicy,
  // A key that is switched off does nothing; a template that wants it so has no use for it here.
  Enabled: z.literal(true).optional(),
  MultiRegion: z.literal(false).optional(),
  PendingWindowInDays: z.int().min(7).max(30).optional(),
  // For bills and searches; nothing here reads them.
  Tags: z.unknown().optional(),
};

const specFault = 'the local cloud has keys RSA_2048, RSA_3072, RSA_4096 and ECC_NIST_P256 that sign, and HMAC_256';
const keyProperties = z.discriminatedUnion(
  'KeySpec',
  [
    z.strictObject({ ...common, KeySpec: z.enum(keySpecs), KeyUsage: z.literal('SIGN_VERIFY') }),
    z.strictObject({ ...common, KeySpec: z.literal('HMAC_256'), KeyUsage: z.literal('GENERATE_VERIFY_MAC') }),
  ],
  specFault,
);

const aliasProperties = z.strictObject({
  AliasName: z.string().regex(/^alias\/(?!aws\/)[\w/-]{1,250}$/),
  TargetKeyId: z.string(),
});

/** `AWS::KMS::Key` and `AWS::KMS::Alias`. */
export function keyResources(keys: SigningKeys, macs: MacKeys): ResourceType[] {
  return [
    { type: 'AWS::KMS::Key', create: (properties, scope) => createKey(properties, scope, keys, macs) },
    { type: 'AWS::KMS::Alias', create: (properties) => createAlias(properties, keys) },
  ];
}

function createKey(
  properties: unknown,
  { physicalName }: ResourceScope,
  keys: SigningKeys,
  macs: MacKeys,
): Provisioned {
  const parsed = keyProperties.safeParse(properties);
  if (!parsed.success)
    throw new Error(`The local cloud does not understand this key: ${z.prettifyError(parsed.error)}`);
  const { KeySpec: spec } = parsed.data;
  const { keyId, arn } = spec === 'HMAC_256' ? macs.ensure(physicalName) : keys.ensure(physicalName, spec);
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
