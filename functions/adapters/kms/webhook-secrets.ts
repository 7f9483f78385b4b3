import { createHmac } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { WebhookSecrets } from '#shared/webhooks/ports.ts';
import type { WebhookId } from '#shared/webhooks/webhook-id.ts';
import { KmsRootSecret } from './root-secret.ts';

/** Each secret is made of a root secret: who reads the tables reads none. */
export class KmsWebhookSecrets implements WebhookSecrets {
  readonly #root: KmsRootSecret;

  constructor(client: KMSClient, keyId: string) {
    this.#root = new KmsRootSecret(client, keyId, 'fleetloom webhook secrets, 1');
  }

  async secret(webhookId: WebhookId, generation: number): Promise<Uint8Array> {
    return createHmac('sha256', await this.#root.get())
      .update(`${webhookId}/${generation}`)
      .digest();
  }
}
