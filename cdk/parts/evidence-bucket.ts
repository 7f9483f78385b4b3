import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { EvidenceLock } from '../settings.ts';

/**
 * What became of each vehicle's update, and which attacks were refused: added to, read, and until its time is over
 * neither changed nor taken away, by nobody. The lock keeps versions; the policy keeps names from meaning anything else.
 */
export class EvidenceBucket extends Bucket {
  constructor(scope: Construct, id: string, { mode, days }: EvidenceLock) {
    const kept = Duration.days(days);
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === 'compliance' ? ObjectLockRetention.compliance(kept) : ObjectLockRetention.governance(kept),
      removalPolicy: RemovalPolicy.RETAIN,
      // Longer than the law wants it nobody may keep it.
      lifecycleRules: [
        { id: 'over', expiration: Duration.days(days + 1), noncurrentVersionExpiration: Duration.days(1) },
        { id: 'abandoned', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    this.refuse('NothingIsOverwritten', ['s3:PutObject'], { Null: { 's3:if-none-match': 'true' } });
    // What is over goes by the lifecycle, which no policy binds.
    this.refuse('NothingIsTakenAway', [
      ...['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'],
    ]);
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'One function writes, one reads; who exports stands in the audit.',
    });
  }

  /** To everybody, administrators among them: they would have to change this policy first, which CloudTrail tells. */
  private refuse(sid: string, actions: string[], conditions?: Record<string, unknown>): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        ...{ sid, effect: Effect.DENY, principals: [new AnyPrincipal()], actions },
        resources: [this.arnForObjects('*')],
        ...(conditions !== undefined && { conditions }),
      }),
    );
  }
}
