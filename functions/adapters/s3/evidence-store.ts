import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { EvidenceStore } from '#shared/ota/evidence/evidence-store.ts';
import { foundText, statusOf } from './found-text.ts';

/** In a bucket whose lock keeps every version, and whose policy takes none for a name that there is. */
export class S3EvidenceStore implements EvidenceStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async add(name: string, document: string): Promise<boolean> {
    const put = new PutObjectCommand({
      ...{ Bucket: this.#bucket, Key: name, Body: document, ContentType: 'application/json' },
      // Object Lock takes no upload without a checksum (S3 user guide, "Considerations for Object Lock").
      ...{ IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256' as const },
    });
    try {
      await this.#client.send(put);
      return true;
    } catch (error) {
      // 409: somebody else is writing it at this moment; whoever calls tries again, and finds it there.
      if (statusOf(error) === 412) return false;
      throw error;
    }
  }

  find(name: string): Promise<string | undefined> {
    return foundText(this.#client, { Bucket: this.#bucket, Key: name });
  }
}
