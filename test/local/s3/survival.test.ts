import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { repository } from '#local/assembly.ts';
import { announcing, localS3, noRetries } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'transfers';

interface Victim {
  readonly child: ChildProcess;
  readonly client: S3Client;
  kill(): Promise<void>;
}

async function victim(directory: string): Promise<Victim> {
  const program = join(repository, 'test', 'local', 's3', 's3-victim.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory], { cwd: repository });
  const [line] = await once(child.stdout, 'data');
  const client = new S3Client({ ...noRetries, ...JSON.parse(String(line)) });
  return {
    ...{ child, client },
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      client.destroy();
    },
  };
}

describe('objects outlive the process that took them', () => {
  test('killed while many write: what was acknowledged is there whole, the rest is not there', async () => {
    const directory = newDirectory();
    const { client, kill } = await victim(directory);
    const acknowledged = new Map<string, Buffer>();
    const write = async (writer: number) => {
      for (let number = 0; ; number++) {
        const Key = `writer-${writer}/${number}`;
        const Body = Buffer.alloc(100_000 + number, `${Key} `);
        await client.send(new PutObjectCommand({ Bucket, Key, Body }));
        acknowledged.set(Key, Body);
        if (acknowledged.size === 60) void kill();
      }
    };
    await Promise.allSettled([1, 2, 3, 4].map(write));
    const after = await localS3({ directory });
    await after.create('AWS::S3::Bucket', Bucket, announcing);
    after.buckets.start();
    const { Contents = [] } = await after.client.send(new ListObjectsV2Command({ Bucket }));
    for (const [Key, body] of acknowledged) {
      const { Body } = await after.client.send(new GetObjectCommand({ Bucket, Key }));
      expect(Buffer.compare(Buffer.from((await Body?.transformToByteArray()) ?? []), body)).toBe(0);
    }
    expect(Contents.length).toBeGreaterThanOrEqual(acknowledged.size);
    // The victim's bus heard nothing; each object that is there is told of now.
    const told = after.told.map(({ detail }) => JSON.parse(JSON.stringify(detail)).object.key);
    expect(new Set(told)).toEqual(new Set(Contents.map(({ Key }) => Key)));
    const blobs = join(directory, 's3', Bucket, 'blobs');
    const files = readdirSync(blobs).flatMap((shard) => readdirSync(join(blobs, shard)));
    expect(files).toHaveLength(Contents.length);
    await after.close();
  }, 30_000);

  test('killed between its parts a multipart upload goes on, and its completion may be asked twice', async () => {
    const directory = newDirectory();
    const before = await victim(directory);
    const { UploadId } = await before.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key: 'long', ChecksumAlgorithm: 'CRC32' }),
    );
    const part = (client: S3Client, PartNumber: number, Body: Buffer) =>
      client.send(new UploadPartCommand({ Bucket, Key: 'long', UploadId, PartNumber, Body }));
    const first = await part(before.client, 1, Buffer.alloc(5 * 1024 ** 2, 'a'));
    await before.kill();
    const after = await localS3({ directory });
    await after.create('AWS::S3::Bucket', Bucket, {});
    const last = await part(after.client, 2, Buffer.from('end'));
    const Parts = [first, last].map(({ ETag, ChecksumCRC32 }, index) => ({
      ETag,
      ChecksumCRC32,
      PartNumber: index + 1,
    }));
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key: 'long', UploadId, MultipartUpload: { Parts } });
    const { ETag } = await after.client.send(complete);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect((await after.client.send(complete)).ETag).toBe(ETag);
    const seam = { Range: `bytes=${5 * 1024 ** 2 - 2}-` };
    const { Body } = await after.client.send(new GetObjectCommand({ Bucket, Key: 'long', ...seam }));
    expect(await Body?.transformToString()).toBe('aaend');
    await after.close();
  }, 30_000);
});
