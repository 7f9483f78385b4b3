import { createHmac } from 'node:crypto';
import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { WebhookSecrets } from '#shared/webhooks/ports.ts';
import type { WebhookId } from '#shared/webhooks/webhook-id.ts';

const purpose = 'fleetloom webhook secrets, 1';

/**
 * Each secret is made of one that KMS makes of its key, which never leaves it. KMS is asked once an instance; who reads
 * the tables reads no secret.
 */
export class KmsWebhookSecrets implements WebhookSecrets {
  readonly #client: KMSClient;
  readonly #keyId: string;
  #root: Promise<Uint8Array> | undefined;

  constructor(client: KMSClient, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  async secret(webhookId: WebhookId, generation: number): Promise<Uint8Array> {
    this.#root ??= this.#askForRoot();
    return createHmac('sha256', await this.#root)
      .update(`${webhookId}/${generation}`)
      .digest();
  }

  async #askForRoot(): Promise<Uint8Array> {
    try {
      const asked = { KeyId: this.#keyId, Message: Buffer.from(purpose), MacAlgorithm: 'HMAC_SHA_256' } as const;
      const { Mac } = await this.#client.send(new GenerateMacCommand(asked));
      if (Mac === undefined) throw new Error('KMS answered without a MAC.');
      return Mac;
    } catch (error) {
      this.#root = undefined;
      throw error;
    }
  }
}
