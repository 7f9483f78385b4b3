import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';

/** 32 bytes that KMS makes of a key which never leaves it: the same for the same purpose. KMS is asked once an instance. */
export class KmsRootSecret {
  readonly #client: KMSClient;
  readonly #keyId: string;
  readonly #purpose: string;
  #asked: Promise<Uint8Array> | undefined;

  constructor(client: KMSClient, keyId: string, purpose: string) {
    this.#client = client;
    this.#keyId = keyId;
    this.#purpose = purpose;
  }

  get(): Promise<Uint8Array> {
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  async #ask(): Promise<Uint8Array> {
    try {
      const asked = { KeyId: this.#keyId, Message: Buffer.from(this.#purpose), MacAlgorithm: 'HMAC_SHA_256' } as const;
      const { Mac } = await this.#client.send(new GenerateMacCommand(asked));
      if (Mac === undefined) throw new Error('KMS answered without a MAC.');
      return Mac;
    } catch (error) {
      // Whoever needs it next asks again.
      this.#asked = undefined;
      throw error;
    }
  }
}
