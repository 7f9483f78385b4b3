import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { KeptTexts } from '#shared/ota/repository/metadata-ports.ts';

/** Texts under their own hash: what a state or a pending version names. */
const keptFolder = 'metadata';
/** Where vehicles read the Image repository. */
const repositoryFolder = 'repository';

export class S3MetadataFiles implements KeptTexts {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  keep(sha256: string, text: string): Promise<void> {
    return this.#put(`${keptFolder}/${sha256}.json`, text, 'private, max-age=31536000, immutable');
  }

  async kept(sha256: string): Promise<string> {
    const get = { Bucket: this.#bucket, Key: `${keptFolder}/${sha256}.json` };
    const { Body } = await this.#client.send(new GetObjectCommand(get));
    if (Body === undefined) throw new Error('S3 answered without a body');
    return Body.transformToString('utf-8');
  }

  publish(name: string, text: string): Promise<void> {
    // A versioned name never means anything else; the Timestamp is the news itself.
    const lasts = /^\d/.test(name) ? 'public, max-age=31536000, immutable' : 'public, max-age=60';
    return this.#put(`${repositoryFolder}/${name}`, text, lasts);
  }

  async #put(Key: string, text: string, CacheControl: string): Promise<void> {
    const put = { Bucket: this.#bucket, Key, Body: text, ContentType: 'application/json', CacheControl };
    await this.#client.send(new PutObjectCommand(put));
  }
}
