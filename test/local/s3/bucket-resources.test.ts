import { describe, expect, test } from 'vitest';
import { parseBucket } from '#local/s3/bucket-properties.ts';

/** What CDK writes for a private bucket with a notification, a lifecycle and CORS. */
const synthesized = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
  },
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  LifecycleConfiguration: {
    Rules: [
      { ExpirationInDays: 7, Id: 'week', Prefix: 'imports/', Status: 'Enabled' },
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
      { ExpirationInDays: 1, Status: 'Disabled' },
    ],
  },
  NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  CorsConfiguration: { CorsRules: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['https://*.example.com'] }] },
  Tags: [{ Key: 'project', Value: 'fleetloom' }],
};

describe('a bucket of the template', () => {
  test('is understood as CDK writes it', () => {
    const { name, settings } = parseBucket(synthesized, 'transfers');
    expect(name).toBe('transfers');
    expect(settings.announces).toBe(true);
    expect(settings.lifecycle).toEqual([
      { id: 'week', prefix: 'imports/', expirationDays: 7, abandonedUploadDays: undefined },
      { id: 'rule-2', prefix: '', expirationDays: undefined, abandonedUploadDays: 1 },
    ]);
    expect(settings.cors).toHaveLength(1);
  });

  test('announces nothing unless it says so', () => {
    expect(parseBucket({}, 'transfers').settings.announces).toBe(false);
  });

  test.each([
    [{ ObjectLockEnabled: true }, /Object Lock wants VersioningConfiguration/],
    [{ ReplicationConfiguration: {} }, /ReplicationConfiguration/],
    [{ NotificationConfiguration: { QueueConfigurations: [] } }, /QueueConfigurations/],
    [{ LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Transitions: [] }] } }, /Transitions/],
    [{ LifecycleConfiguration: { Rules: [{ Status: 'Enabled' }] } }, /ExpirationInDays/],
    [{ OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } }, /BucketOwnerEnforced/],
    [{ BucketName: 'Capitals' }, /lower-case/],
    [
      {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
      },
      /KMS/,
    ],
  ])('%j stops the start, by name', (properties, error) => {
    expect(() => parseBucket(properties, 'transfers')).toThrow(error);
  });
});
