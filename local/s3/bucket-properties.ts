import { z } from 'zod';
import type { BucketSettings } from './bucket-settings.ts';

/** CloudFormation writes numbers as texts here and there. */
const days = z.coerce.number().int().min(1).max(36_500);
const years = z.coerce.number().int().min(1).max(100);

const encryption = z.strictObject({
  ServerSideEncryptionConfiguration: z
    .array(
      z.strictObject({
        // With a key of KMS each caller needs rights on that key, which nobody would check here.
        ServerSideEncryptionByDefault: z.strictObject({
          SSEAlgorithm: z.literal('AES256', 'the local cloud has no KMS: only SSEAlgorithm AES256'),
        }),
        BucketKeyEnabled: z.boolean().optional(),
      }),
    )
    .length(1),
});

const lifecycleRule = z
  .strictObject({
    Id: z.string().min(1).max(255).optional(),
    Status: z.enum(['Enabled', 'Disabled']),
    Prefix: z.string().default(''),
    ExpirationInDays: days.optional(),
    NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: days }).optional(),
    AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
  })
  .refine(
    (rule) =>
      rule.ExpirationInDays !== undefined ||
      rule.NoncurrentVersionExpiration !== undefined ||
      rule.AbortIncompleteMultipartUpload !== undefined,
    'a rule wants ExpirationInDays, NoncurrentVersionExpiration or AbortIncompleteMultipartUpload',
  );

const corsRule = z.strictObject({
  Id: z.string().optional(),
  AllowedOrigins: z.array(z.string()).min(1),
  AllowedMethods: z.array(z.enum(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])).min(1),
  AllowedHeaders: z.array(z.string()).default([]),
  ExposedHeaders: z.array(z.string()).default([]),
  MaxAge: z.coerce.number().int().nonnegative().optional(),
});

const objectLock = z.strictObject({
  ObjectLockEnabled: z.literal('Enabled'),
  Rule: z
    .strictObject({
      DefaultRetention: z
        .strictObject({ Mode: z.enum(['COMPLIANCE', 'GOVERNANCE']), Days: days.optional(), Years: years.optional() })
        .refine((one) => (one.Days === undefined) !== (one.Years === undefined), 'a retention wants Days or Years'),
    })
    .optional(),
});

const bucketProperties = z.strictObject({
  BucketName: z
    .string()
    .regex(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be 3-63 lower-case letters, digits, dots or -')
    .optional(),
  // The files are as private as the directory they stand in; answers say AES256 as S3's do.
  BucketEncryption: encryption.optional(),
  // Nobody without a key is ever served here, whatever a policy says: the strictest setting always holds.
  PublicAccessBlockConfiguration: z
    .strictObject({
      BlockPublicAcls: z.boolean(),
      BlockPublicPolicy: z.boolean(),
      IgnorePublicAcls: z.boolean(),
      RestrictPublicBuckets: z.boolean(),
    })
    .partial()
    .optional(),
  // Without access control lists, as new buckets on AWS are; any other setting would bring them in.
  OwnershipControls: z
    .strictObject({
      Rules: z.array(z.strictObject({ ObjectOwnership: z.literal('BucketOwnerEnforced') })).length(1),
    })
    .optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(lifecycleRule).max(1000) }).optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  ObjectLockEnabled: z.boolean().default(false),
  ObjectLockConfiguration: objectLock.optional(),
  NotificationConfiguration: z
    .strictObject({
      EventBridgeConfiguration: z.strictObject({ EventBridgeEnabled: z.boolean().default(true) }).optional(),
    })
    .optional(),
  CorsConfiguration: z.strictObject({ CorsRules: z.array(corsRule).min(1).max(100) }).optional(),
  // For bills and searches; nothing here reads them.
  Tags: z.unknown().optional(),
});

/**
 * What a template says about a bucket.
 *
 * @throws Error that names every property or value which is not understood
 */
export function parseBucket(
  properties: unknown,
  standardName: string,
): { readonly name: string; readonly settings: BucketSettings } {
  const parsed = bucketProperties.safeParse(properties);
  if (!parsed.success) {
    throw new Error(`The local cloud does not understand this bucket: ${z.prettifyError(parsed.error)}`);
  }
  const bucket = parsed.data;
  const notifications = bucket.NotificationConfiguration?.EventBridgeConfiguration;
  return {
    name: bucket.BucketName ?? standardName,
    settings: {
      announces: notifications?.EventBridgeEnabled ?? false,
      versioned: bucket.VersioningConfiguration?.Status === 'Enabled',
      locks: locksOf(bucket),
      defaultRetention: retentionOf(bucket),
      lifecycle: (bucket.LifecycleConfiguration?.Rules ?? [])
        .filter((rule) => rule.Status === 'Enabled')
        .map((rule, index) => ({
          id: rule.Id ?? `rule-${index + 1}`,
          prefix: rule.Prefix,
          expirationDays: rule.ExpirationInDays,
          formerDays: rule.NoncurrentVersionExpiration?.NoncurrentDays,
          abandonedUploadDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
        })),
      cors: (bucket.CorsConfiguration?.CorsRules ?? []).map((rule) => ({
        origins: rule.AllowedOrigins,
        methods: rule.AllowedMethods,
        headers: rule.AllowedHeaders,
        exposed: rule.ExposedHeaders,
        maxAgeSeconds: rule.MaxAge,
      })),
    },
  };
}

type BucketProperties = z.infer<typeof bucketProperties>;

/** @throws Error for a lock on a bucket that keeps no versions: S3 takes none */
function locksOf({ ObjectLockEnabled, ObjectLockConfiguration, VersioningConfiguration }: BucketProperties): boolean {
  if (ObjectLockConfiguration !== undefined && !ObjectLockEnabled) {
    throw new Error('ObjectLockConfiguration wants ObjectLockEnabled');
  }
  if (ObjectLockEnabled && VersioningConfiguration?.Status !== 'Enabled') {
    throw new Error('Object Lock wants VersioningConfiguration Enabled');
  }
  return ObjectLockEnabled;
}

function retentionOf({ ObjectLockConfiguration }: BucketProperties): BucketSettings['defaultRetention'] {
  const retention = ObjectLockConfiguration?.Rule?.DefaultRetention;
  if (retention === undefined) return undefined;
  return { mode: retention.Mode, days: retention.Days ?? 365 * (retention.Years ?? 0) };
}
