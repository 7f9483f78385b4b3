import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { evidenceLife, type PhotoFolder, plainLife } from '#shared/sharing/care/photo.ts';

/**
 * Days, by folder. What shows no damage goes after a month: so long somebody may find some, and then the photos around it
 * are kept. Evidence goes when claims have lapsed. What is forgotten of a record is never there longer than its file.
 */
const lifetimes: Readonly<Record<PhotoFolder, number>> = {
  uses: days(plainLife),
  licences: days(plainLife),
  damages: days(evidenceLife),
  receipts: days(evidenceLife),
};

/** What drivers and staff photograph: of persons, their licences, their receipts. Nobody's but by a signed address. */
export class PhotosBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: Object.entries(lifetimes).map(([folder, kept]) => ({
        ...{ id: folder, prefix: `${folder}/`, expiration: Duration.days(kept) },
      })),
    });
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Who orders a photo and who looks at one asks the API, whose log has it; a second log would name persons.',
    });
  }
}

function days(ms: number): number {
  return ms / 86_400_000;
}
