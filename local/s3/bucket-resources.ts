import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Provisioned, ResourceScope, ResourceType } from '#local/template/resource-type.ts';
import { bucketArn } from './bucket-arn.ts';
import { parseBucket } from './bucket-properties.ts';
import type { Buckets } from './buckets.ts';

const policyProperties = z.strictObject({ Bucket: z.string(), PolicyDocument: z.unknown() });

/** `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`. */
export function bucketResources(buckets: Buckets): ResourceType[] {
  return [
    { type: 'AWS::S3::Bucket', create: (properties, scope) => createBucket(properties, scope, buckets) },
    { type: 'AWS::S3::BucketPolicy', create: (properties, scope) => createPolicy(properties, scope, buckets) },
  ];
}

function createBucket(properties: unknown, { physicalName, region }: ResourceScope, buckets: Buckets): Provisioned {
  const { name, settings } = parseBucket(properties, standardName(physicalName));
  buckets.open(name, settings);
  return {
    ref: name,
    attributes: {
      Arn: bucketArn(name),
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
  };
}

function createPolicy(properties: unknown, { physicalName }: ResourceScope, buckets: Buckets): Provisioned {
  const parsed = policyProperties.safeParse(properties);
  if (!parsed.success) {
    throw new Error(`The local cloud does not understand this bucket policy: ${z.prettifyError(parsed.error)}`);
  }
  buckets.putPolicy(parsed.data.Bucket, parsed.data.PolicyDocument);
  return { ref: physicalName, attributes: {} };
}

/** CloudFormation, too, writes it in lower case: a bucket's name has no capitals and at most 63 characters. */
function standardName(physicalName: string): string {
  const name = physicalName.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  if (name.length <= 63) return name;
  return `${name.slice(0, 50)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}
