import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { letDistributionsRead } from './distribution-grant.ts';

/**
 * `gbfs/`: what everybody reads of cities, through a distribution. `state/`: what that is made of, for the functions that
 * make it. Both come again from the tables; with the state, vehicles get other public ids.
 */
export class FeedsBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    letDistributionsRead(this, ['gbfs']);
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Two functions write what everybody may read; who reads it is nobody’s business.',
    });
  }
}
