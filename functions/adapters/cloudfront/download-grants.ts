import type { KMSClient } from '@aws-sdk/client-kms';
import type { Clock } from '#shared/kernel/clock.ts';
import type { DownloadGrant } from '#shared/vehicle-cloud/update-envelopes.ts';
import { signedByKms } from '../kms/digest-signature.ts';

export interface DownloadGrantsOptions {
  readonly client: KMSClient;
  readonly clock: Clock;
  /** Of the distribution, without a scheme. */
  readonly domainName: string;
  /** What CloudFront calls the public half … */
  readonly keyPairId: string;
  /** … of this key. */
  readonly keyId: string;
}

const lifetime = 3_600_000;
/** A grant says nothing of whoever gets it: vehicles share one, as long as most of it is left. */
const leastLeft = lifetime / 2;

/** Addresses of CloudFront that open a folder for an hour, signed inside KMS. */
export class DownloadGrants {
  readonly #options: DownloadGrantsOptions;
  readonly #made = new Map<string, Promise<DownloadGrant>>();

  constructor(options: DownloadGrantsOptions) {
    this.#options = options;
  }

  /**
   * @param folder ends with `/`: what the addresses begin with
   * @param below ends with `/`, e.g. `volkswagen/`: opens no more of the folder than what begins so
   */
  async open(folder: string, below = ''): Promise<DownloadGrant> {
    const whole = `${folder}${below}`;
    const made = await this.#made.get(whole);
    if (made !== undefined && made.expiresAt - this.#options.clock.now() >= leastLeft) return made;
    const fresh = this.#signed(folder, below);
    this.#made.set(whole, fresh);
    // A failure is not remembered: the next one asks again.
    fresh.catch(() => this.#made.delete(whole));
    return fresh;
  }

  async #signed(folder: string, below: string): Promise<DownloadGrant> {
    const { client, clock, domainName, keyId, keyPairId } = this.#options;
    const expiresAt = clock.now() + lifetime;
    const baseUrl = `https://${domainName}/${folder}`;
    const Condition = { DateLessThan: { 'AWS:EpochTime': Math.floor(expiresAt / 1000) } };
    const policy = Buffer.from(JSON.stringify({ Statement: [{ Resource: `${baseUrl}${below}*`, Condition }] }));
    const signature = await signedByKms(client, keyId, 'RSASSA_PKCS1_V1_5_SHA_256', policy);
    const query = `Policy=${edgeText(policy)}&Signature=${edgeText(signature)}&Key-Pair-Id=${keyPairId}&Hash-Algorithm=SHA256`;
    return { baseUrl, query, expiresAt };
  }
}

/** Base64 with the characters that CloudFront takes in a query (developer guide, "Create a signed URL"). */
function edgeText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
}
