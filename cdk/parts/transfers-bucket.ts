import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Uploads and exports hold VINs: a week, to look into what went wrong. Reports as long as their import is known. */
const lifetimes = { imports: 7, exports: 7, notes: 7, reports: 30 } as const;

/** The files of imports and exports: nobody's but by a signed URL, and gone by themselves. */
export class TransfersBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        ...Object.entries(lifetimes).map(([folder, days]) => ({
          id: folder,
          prefix: `${folder}/`,
          expiration: Duration.days(days),
        })),
        { id: 'abandoned', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const bucket = this.node.defaultChild;
    if (!(bucket instanceof CfnBucket)) throw new Error('A bucket has no CfnBucket');
    // `eventBridgeEnabled` of the construct would bring in a custom resource with a Lambda of its own.
    bucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Who starts an import or an export stands in the audit; an access log would be a second bucket of names.',
    });
  }
}
