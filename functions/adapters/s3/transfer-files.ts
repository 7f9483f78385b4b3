import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ImportId, UploadedFile } from '#shared/transfers/import.ts';
import { fileNames, type ImportFiles, type Notes, type Stretch } from '#shared/transfers/import-files.ts';
import type { FileStorage } from '#shared/transfers/parted-file.ts';

/** What imports and exports read and write, in one bucket. */
export class S3TransferFiles implements ImportFiles, Notes, FileStorage {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async readUpload(importId: ImportId, { tag }: UploadedFile, offset: number, length: number): Promise<Stretch> {
    const range = { Range: `bytes=${offset}-${offset + length - 1}`, IfMatch: `"${tag}"` };
    try {
      return { kind: 'bytes', bytes: await this.#read({ Key: fileNames.upload(importId), ...range }) };
    } catch (error) {
      const status = statusOf(error);
      if (status === 412) return { kind: 'changed' };
      if (status === 404) return { kind: 'gone' };
      throw error;
    }
  }

  async readNote(name: string): Promise<Uint8Array> {
    return this.#read({ Key: name });
  }

  async writeNote(name: string, bytes: Uint8Array): Promise<void> {
    await this.put(name, bytes);
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ ...this.#named(name), Body: bytes, ContentType: typeOf(name) }));
  }

  async begin(name: string): Promise<string> {
    const create = new CreateMultipartUploadCommand({ ...this.#named(name), ContentType: typeOf(name) });
    return present('upload id', (await this.#client.send(create)).UploadId);
  }

  async addPart(name: string, uploadId: string, number: number, bytes: Uint8Array): Promise<string> {
    const part = { ...this.#named(name), UploadId: uploadId, PartNumber: number, Body: bytes };
    return present('tag', (await this.#client.send(new UploadPartCommand(part))).ETag);
  }

  async complete(name: string, uploadId: string, parts: readonly string[]): Promise<void> {
    const Parts = parts.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const complete = { ...this.#named(name), UploadId: uploadId, MultipartUpload: { Parts } };
    try {
      await this.#client.send(new CompleteMultipartUploadCommand(complete));
    } catch (error) {
      // An upload that was completed before is gone; its file is there.
      if (statusOf(error) !== 404) throw error;
      await this.#client.send(new HeadObjectCommand(this.#named(name)));
    }
  }

  async #read(part: { Key: string; Range?: string; IfMatch?: string }): Promise<Uint8Array> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, ...part }));
    return present('body', Body).transformToByteArray();
  }

  #named(Key: string) {
    return { Bucket: this.#bucket, Key };
  }
}

function typeOf(name: string): string {
  return name.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function present<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`S3 answered without a ${what}`);
  return value;
}
