import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { EvidenceFile, EvidenceFiles } from '#shared/ota/evidence/evidence-archive.ts';
import { foundText } from './found-text.ts';

/** What may be read of the bucket of evidence. */
export class S3EvidenceFiles implements EvidenceFiles {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async list(folder: string, { limit, from }: PageRequest): Promise<Page<EvidenceFile>> {
    const { Contents = [], IsTruncated } = await this.#client.send(
      new ListObjectsV2Command({
        ...{ Bucket: this.#bucket, Prefix: folder, MaxKeys: limit },
        ...(from !== undefined && { StartAfter: from }),
      }),
    );
    const items = Contents.map(({ Key = '', Size = 0, LastModified }) => {
      return { name: Key, bytes: Size, keptAt: LastModified?.getTime() ?? 0 };
    });
    const last = items.at(-1);
    return { items, ...(IsTruncated === true && last !== undefined && { next: last.name }) };
  }

  find(name: string): Promise<string | undefined> {
    return foundText(this.#client, { Bucket: this.#bucket, Key: name });
  }

  link(name: string, expiresIn: number): Promise<string> {
    return getSignedUrl(this.#client, new GetObjectCommand({ Bucket: this.#bucket, Key: name }), { expiresIn });
  }
}
