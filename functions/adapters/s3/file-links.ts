import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { FileLinks } from '#shared/transfers/import-service.ts';

/**
 * URLs signed with the function's own key: who follows them does what the function may, with this one file. They end
 * with that key too, whose end Lambda does not tell: `expiresIn` is the most that they last.
 */
export class S3FileLinks implements FileLinks {
  readonly #client: S3Client;
  readonly #bucket: string;

  /** @param client without checksums of its own: it would sign that of an empty body */
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  upload(Key: string, expiresIn: number): Promise<string> {
    return getSignedUrl(this.#client, new PutObjectCommand({ Bucket: this.#bucket, Key }), { expiresIn });
  }

  download(Key: string, expiresIn: number): Promise<string> {
    const name = Key.slice(Key.lastIndexOf('/') + 1);
    const get = { Bucket: this.#bucket, Key, ResponseContentDisposition: `attachment; filename="${name}"` };
    return getSignedUrl(this.#client, new GetObjectCommand(get), { expiresIn });
  }
}
