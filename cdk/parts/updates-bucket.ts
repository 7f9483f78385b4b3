import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

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
    this.letDistributionsRead();
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'What comes in stands in the audit and has its hash in its name; what goes out is signed and for anybody.',
    });
  }

  /** Those of this account: which one it will be nobody knows yet, its stack comes later and may come again. */
  private letDistributionsRead(): void {
    const { account, partition } = Stack.of(this);
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'DistributionsOfThisAccount',
        principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['s3:GetObject'],
        resources: [this.arnForObjects('images/*'), this.arnForObjects('repository/*')],
        conditions: { ArnLike: { 'AWS:SourceArn': `arn:${partition}:cloudfront::${account}:distribution/*` } },
      }),
    );
  }
}
