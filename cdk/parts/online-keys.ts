import { RemovalPolicy } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * Keys that sign inside KMS and never leave it, one a purpose, so that each function gets what it needs alone. RSA 2048:
 * what they sign lives for hours, and signatures of longer keys cost five times as much (docs/prices.md). Digital keys
 * must be small, and a phone hands them over: P-256. Who may use them stands in the roles.
 */
export class OnlineKeys extends Construct {
  /** Targets, Snapshot and Timestamp of each vehicle's Director repository. */
  readonly director: Key;
  /** Snapshot and Timestamp of the Image repository; its Root and Targets are signed offline. */
  readonly repository: Key;
  /** Addresses of CloudFront, which takes RSA 2048 and no other RSA key. */
  readonly downloads: Key;

  /** Digital keys of shared vehicles, and what is said to a vehicle of them: ES256. */
  readonly sharing: Key;

  /** What the secrets of webhooks are made of: HMAC. */
  readonly webhooks: Key;

  /** What seals the PINs of charge and fuel cards: HMAC. */
  readonly cards: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.director = this.key('Director', "Fleetloom: signs the Director's metadata for each vehicle");
    this.repository = this.key('Repository', 'Fleetloom: signs Snapshot and Timestamp of the Image repository');
    this.downloads = this.key('Downloads', 'Fleetloom: signs addresses of CloudFront');
    this.sharing = this.key('Sharing', 'Fleetloom: signs the keys of shared vehicles', KeySpec.ECC_NIST_P256);
    const secrets = 'Fleetloom: makes the secrets of webhooks';
    this.webhooks = this.key('Webhooks', secrets, KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC);
    const pins = 'Fleetloom: seals the PINs of charge and fuel cards';
    this.cards = this.key('Cards', pins, KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC);
  }

  private key(id: string, description: string, keySpec = KeySpec.RSA_2048, keyUsage = KeyUsage.SIGN_VERIFY): Key {
    return new Key(this, id, {
      ...{ description, keySpec, keyUsage },
      // Vehicles, receivers and CloudFront trust what it makes: another key would lock them out.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
