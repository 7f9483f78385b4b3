import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PublicFiles } from '#shared/sharing/feeds/feed-ports.ts';

export class S3PublicFiles implements PublicFiles {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(path: string, text: string, maxAge: number): Promise<void> {
    const put = { Bucket: this.#bucket, Key: path, Body: text, ContentType: 'application/json' };
    await this.#client.send(new PutObjectCommand({ ...put, CacheControl: `public, max-age=${maxAge}` }));
  }
}
