import { CfnCondition, CfnOutput, CfnParameter, Fn, Stack, Validations } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachedMethods,
  CachePolicy,
  CfnDistribution,
  CfnOriginAccessControl,
  ResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { named } from '../names.ts';
import type { Settings } from '../settings.ts';

export interface PublicFeedsProps {
  readonly settings: Settings;
  readonly bucket: Bucket;
}

/** What everybody may read, from the edge near them. The bucket's own policy lets distributions of this account in. */
export class PublicFeeds extends Construct {
  /** Where files are read, without a trailing slash: each of them names the others. */
  readonly url: string;

  constructor(scope: Construct, id: string, { settings, bucket }: PublicFeedsProps) {
    super(scope, id);
    const { attrDomainName } = this.distribution(settings, bucket);
    const stack = Stack.of(this);
    const given = new CfnParameter(stack, 'FeedsUrl', {
      type: 'String',
      default: '',
      description:
        'Where the public reads the feeds, if a domain of your own leads to their distribution (docs/feeds.md)',
      allowedPattern: '(https?://[a-z0-9.:-]+(/[A-Za-z0-9._/-]*[A-Za-z0-9._-])?)?',
      constraintDescription: 'must be an address without a slash at its end: https://feeds.example.com',
    });
    const isGiven = new CfnCondition(stack, 'FeedsUrlGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(given.valueAsString, '')),
    });
    const own = `https://${attrDomainName}`;
    this.url = Fn.conditionIf(isGiven.logicalId, given.valueAsString, own).toString();
    new CfnOutput(stack, 'FeedsManifest', { value: `${this.url}/gbfs/manifest.json` });
  }

  private distribution({ stage }: Settings, bucket: Bucket): CfnDistribution {
    const access = new CfnOriginAccessControl(this, 'Access', {
      originAccessControlConfig: {
        name: named(stage, 'feeds'),
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol: 'sigv4',
      },
    });
    const distribution = new CfnDistribution(this, 'Distribution', {
      distributionConfig: {
        enabled: true,
        comment: `Fleetloom ${stage}: public feeds of sharing services`,
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        origins: [
          {
            id: 'feeds',
            domainName: bucket.bucketRegionalDomainName,
            originAccessControlId: access.attrId,
            s3OriginConfig: { originAccessIdentity: '' },
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: 'feeds',
          viewerProtocolPolicy: 'redirect-to-https',
          allowedMethods: [...AllowedMethods.ALLOW_GET_HEAD.methods],
          cachedMethods: [...CachedMethods.CACHE_GET_HEAD.methods],
          // Lists of vehicles become a tenth of their size.
          compress: true,
          // For as long as each file says.
          cachePolicyId: CachePolicy.CACHING_OPTIMIZED.cachePolicyId,
          responseHeadersPolicyId: ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS.responseHeadersPolicyId,
        },
      },
    });
    const reasons = {
      'AwsSolutions-CFR1': 'Open data: riders and planners read them from wherever they are.',
      'AwsSolutions-CFR2': 'Nothing but GET and HEAD reaches a bucket: there is nothing to filter.',
      'AwsSolutions-CFR3': 'Who looks for a vehicle near them is nobody’s business.',
      'AwsSolutions-CFR4': 'The name is CloudFront’s own, whose certificate knows TLS 1.2 and, for old viewers, less.',
    };
    for (const [ruleId, reason] of Object.entries(reasons)) {
      Validations.of(distribution).acknowledge({ id: ruleId, reason });
    }
    return distribution;
  }
}
