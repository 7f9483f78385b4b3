import type { KMSClient } from '@aws-sdk/client-kms';
import type { FeedName } from '#shared/partners/assets/partner-feed.ts';
import type { TokenSeal } from '#shared/partners/assets/partner-feed-service.ts';
import { KmsRootSecret } from './root-secret.ts';
import { Seal } from './seal.ts';

/** What is sealed for one feed opens for no other. */
export class KmsTokenSeal implements TokenSeal {
  readonly #seal: Seal;

  constructor(client: KMSClient, keyId: string) {
    this.#seal = new Seal(new KmsRootSecret(client, keyId, 'fleetloom partner tokens, 1'));
  }

  seal(token: string, name: FeedName): Promise<string> {
    return this.#seal.seal(token, ownerOf(name));
  }

  open(sealed: string, name: FeedName): Promise<string> {
    return this.#seal.open(sealed, ownerOf(name));
  }
}

function ownerOf({ systemId, feedId }: FeedName): string {
  return `${systemId}/${feedId}`;
}
