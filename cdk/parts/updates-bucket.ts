import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { letDistributionsRead } from './distribution-grant.ts';

/**
 * `images/`: what control units are flashed with, each file under a name that holds its hash. `repository/`: the metadata
 * of the Image repository, each version under a name of its own. Nothing expires: whoever bought the car last finds it.
 */
export class UpdatesBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Whoever overwrites metadata takes nothing away.
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ id: 'abandoned', abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    letDistributionsRead(this, ['images', 'repository']);
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'What comes in stands in the audit and has its hash in its name; what goes out is signed and for anybody.',
    });
  }
}
