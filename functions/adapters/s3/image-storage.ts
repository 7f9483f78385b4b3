import { HeadObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StoredFile } from '#shared/ota/releases/ecu-image.ts';
import type { ImageStorage, UploadAddress } from '#shared/ota/releases/upload-service.ts';

/** The folder of the bucket; what stands below it are the paths of targets. */
const imagesFolder = 'images';

const checksumHeader = 'x-amz-checksum-sha256';

/**
 * Images, each under a name that holds its hash. S3 computes the SHA-256 of what comes in, compares it with the one in the
 * signed header, stores nothing where they differ ("BadDigest"), and keeps it as part of the object.
 */
export class S3ImageStorage implements ImageStorage {
  readonly #client: S3Client;
  readonly #bucket: string;

  /** @param client without checksums of its own */
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async address({ path, sha256 }: StoredFile, expiresIn: number): Promise<UploadAddress> {
    const checksum = Buffer.from(sha256, 'hex').toString('base64');
    const put = new PutObjectCommand({ ...this.#named(path), ChecksumSHA256: checksum });
    // In the query the checksum would be a promise that nobody has to keep: as a signed header it must be sent.
    const unhoistableHeaders = new Set([checksumHeader]);
    const url = await getSignedUrl(this.#client, put, { expiresIn, unhoistableHeaders });
    return { url, headers: { [checksumHeader]: checksum } };
  }

  async find(path: string): Promise<{ length: number; sha256: string } | undefined> {
    try {
      const head = new HeadObjectCommand({ ...this.#named(path), ChecksumMode: 'ENABLED' });
      const { ContentLength = 0, ChecksumSHA256 = '' } = await this.#client.send(head);
      return { length: ContentLength, sha256: Buffer.from(ChecksumSHA256, 'base64').toString('hex') };
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
      throw error;
    }
  }

  #named(path: string) {
    return { Bucket: this.#bucket, Key: `${imagesFolder}/${path}` };
  }
}
