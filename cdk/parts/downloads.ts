import { CfnParameter, Stack, Validations } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachedMethods,
  CachePolicy,
  CfnDistribution,
  CfnKeyGroup,
  CfnOriginAccessControl,
  CfnPublicKey,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { named } from '../names.ts';
import type { Settings } from '../settings.ts';
import type { HouseFunction } from './house-function.ts';

export interface DownloadsProps {
  readonly settings: Settings;
  readonly bucket: Bucket;
  /** RSA 2048: no other RSA key is taken by CloudFront. */
  readonly key: Key;
}

/**
 * Images and the Image repository from the edge near the vehicle, for whoever holds a signed address. The bucket's own
 * policy lets distributions of this account in (`UpdatesBucket`), because its stack comes before this one.
 */
export class Downloads extends Construct {
  readonly #bucket: Bucket;
  readonly #key: Key;
  readonly #keyPairId: string;
  readonly #domainName: string;

  constructor(scope: Construct, id: string, { settings, bucket, key }: DownloadsProps) {
    super(scope, id);
    this.#bucket = bucket;
    this.#key = key;
    const publicKey = this.publicKey(settings);
    this.#keyPairId = publicKey.attrId;
    const group = new CfnKeyGroup(this, 'Signers', {
      keyGroupConfig: { name: named(settings.stage, 'downloads'), items: [publicKey.attrId] },
    });
    this.#domainName = this.distribution(settings, group).attrDomainName;
  }

  /** Lets a function sign addresses. */
  letSign(signer: HouseFunction): void {
    signer.addEnvironment('DOWNLOADS_DOMAIN', this.#domainName);
    signer.addEnvironment('DOWNLOAD_KEY_PAIR_ID', this.#keyPairId);
    signer.addEnvironment('DOWNLOAD_KEY_ID', this.#key.keyId);
    signer.may(['kms:Sign'], this.#key.keyArn);
  }

  private publicKey({ stage }: Settings): CfnPublicKey {
    const pem = new CfnParameter(Stack.of(this), 'DownloadPublicKey', {
      type: 'String',
      description: 'PEM of the key that the output DownloadKeyId of the Data stack names (docs/deploy.md)',
      allowedPattern: '-----BEGIN PUBLIC KEY-----[\\s\\S]+-----END PUBLIC KEY-----\\s*',
      constraintDescription: 'must be the PEM of a public key: aws kms get-public-key gives it',
    });
    const name = named(stage, 'downloads');
    return new CfnPublicKey(this, 'Key', {
      publicKeyConfig: { name, callerReference: name, encodedKey: pem.valueAsString },
    });
  }

  private distribution({ stage }: Settings, group: CfnKeyGroup): CfnDistribution {
    const access = new CfnOriginAccessControl(this, 'Access', {
      originAccessControlConfig: {
        name: named(stage, 'downloads'),
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol: 'sigv4',
      },
    });
    const behaviour = {
      targetOriginId: 'updates',
      viewerProtocolPolicy: 'https-only',
      allowedMethods: [...AllowedMethods.ALLOW_GET_HEAD.methods],
      cachedMethods: [...CachedMethods.CACHE_GET_HEAD.methods],
      // Images do not become smaller, and a range of a compressed answer would be of no use.
      compress: false,
      trustedKeyGroups: [group.attrId],
    };
    const distribution = new CfnDistribution(this, 'Distribution', {
      distributionConfig: {
        enabled: true,
        comment: `Fleetloom ${stage}: software images and their metadata`,
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        origins: [
          {
            id: 'updates',
            domainName: this.#bucket.bucketRegionalDomainName,
            originAccessControlId: access.attrId,
            s3OriginConfig: { originAccessIdentity: '' },
          },
        ],
        // Images stay under their name for ever. What is signed anew every day must be seen at once.
        defaultCacheBehavior: { ...behaviour, cachePolicyId: CachePolicy.CACHING_OPTIMIZED.cachePolicyId },
        cacheBehaviors: [
          { ...behaviour, pathPattern: 'repository/*', cachePolicyId: CachePolicy.CACHING_DISABLED.cachePolicyId },
        ],
      },
    });
    const reasons = {
      'AwsSolutions-CFR1':
        'Vehicles drive over borders; which release is for which country is decided by the campaign.',
      'AwsSolutions-CFR2': 'Nothing but GET and HEAD of signed addresses reaches a bucket: there is nothing to filter.',
      'AwsSolutions-CFR3': 'Who was given an address stands with the update; an access log would be one of movements.',
      'AwsSolutions-CFR4': 'The name is CloudFront’s own, whose certificate knows TLS 1.2 and, for old viewers, less.',
    };
    for (const [ruleId, reason] of Object.entries(reasons)) {
      Validations.of(distribution).acknowledge({ id: ruleId, reason });
    }
    return distribution;
  }
}
