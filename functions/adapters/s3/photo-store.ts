import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { FoundPhoto, Photo } from '#shared/sharing/care/photo.ts';
import type { PhotoFile, PhotoStore, UploadAddress } from '#shared/sharing/care/photo-ports.ts';
import { statusOf } from './found-text.ts';

const checksumHeader = 'x-amz-checksum-sha256';
/** Enough for what every accepted type begins with. */
const headBytes = 32;

/**
 * Each upload has its own address, in whose signature stand the length, the type and the SHA-256: S3 refuses whatever
 * differs, and stores nothing of it (docs/decisions/photos.md).
 */
export class S3PhotoStore implements PhotoStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  /** @param client without checksums of its own */
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async address(file: PhotoFile, { bytes, contentType, sha256 }: Photo, expiresIn: number): Promise<UploadAddress> {
    const checksum = Buffer.from(sha256, 'hex').toString('base64');
    const put = new PutObjectCommand({
      ...{ ...this.#named(file), ContentLength: bytes, ContentType: contentType, ChecksumSHA256: checksum },
    });
    // The SDK leaves the type out of what is signed, and the checksum in the query, where nobody has to keep it.
    const signed = {
      signableHeaders: new Set(['host', 'content-type', 'content-length', checksumHeader]),
      unhoistableHeaders: new Set([checksumHeader]),
    };
    const url = await getSignedUrl(this.#client, put, { expiresIn, ...signed });
    const headers = { 'content-type': contentType, 'content-length': String(bytes), [checksumHeader]: checksum };
    return { url, headers };
  }

  async find(file: PhotoFile): Promise<FoundPhoto | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand({ ...this.#named(file), ChecksumMode: 'ENABLED' }));
      const { ContentLength = 0, ChecksumSHA256 = '', LastModified } = head;
      const range = `bytes=0-${headBytes - 1}`;
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#named(file), Range: range }));
      return {
        ...{ bytes: ContentLength, sha256: Buffer.from(ChecksumSHA256, 'base64').toString('hex') },
        ...{ arrivedAt: LastModified?.getTime() ?? 0, head: (await Body?.transformToByteArray()) ?? new Uint8Array() },
      };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  link(file: PhotoFile, { contentType }: Photo, expiresIn: number): Promise<string> {
    const get = new GetObjectCommand({
      ...{ ...this.#named(file), ResponseContentType: contentType },
      // Nothing of it is shown by a browser as if it were a page of ours.
      ...{ ResponseContentDisposition: 'attachment', ResponseCacheControl: 'private, no-store' },
    });
    return getSignedUrl(this.#client, get, { expiresIn });
  }

  async remove(files: readonly PhotoFile[]): Promise<void> {
    if (files.length === 0) return;
    const Objects = files.map((file) => ({ Key: keyOf(file) }));
    const { Errors = [] } = await this.#client.send(
      new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first !== undefined) throw new Error(`${Errors.length} photos could not be deleted: ${first.Code}`);
  }

  async copy(file: PhotoFile, folder: PhotoFile['folder']): Promise<void> {
    const CopySource = `${this.#bucket}/${keyOf(file)}`;
    try {
      await this.#client.send(new CopyObjectCommand({ ...this.#named({ ...file, folder }), CopySource }));
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }

  #named(file: PhotoFile) {
    return { Bucket: this.#bucket, Key: keyOf(file) };
  }
}

function keyOf({ folder, albumId, photoId }: PhotoFile): string {
  return `${folder}/${albumId}/${photoId}`;
}
