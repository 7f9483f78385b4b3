import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalS3, localS3 } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'transfers';
const text = 'vehicle,brand\nveh-a,Opel\n';

describe('objects behind the gateway, with the real SDK', () => {
  let s3: LocalS3;
  beforeAll(async () => {
    s3 = await localS3({ directory: newDirectory() });
    await s3.create('AWS::S3::Bucket', Bucket, {});
  });
  afterAll(() => s3.close());

  const put = (Key: string, more: object = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body: text, ...more }));
  const read = async (Key: string, more: object = {}) => {
    const answer = await s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return { ...answer, text: (await answer.Body?.transformToString()) ?? '' };
  };

  test('an object comes back as it was written, with what its writer said of it', async () => {
    const description = { ContentType: 'text/csv', CacheControl: 'no-store', Metadata: { year: '2026' } };
    const { ETag } = await put('imports/Jahr 2026 + ü/1?.csv', description);
    const answer = await read('imports/Jahr 2026 + ü/1?.csv');
    expect(ETag).toBe(`"${createHash('md5').update(text).digest('hex')}"`);
    expect(answer).toMatchObject({ ...description, ETag, text, ContentLength: text.length });
    expect(answer.ServerSideEncryption).toBe('AES256');
  });

  test('a stream of unknown content arrives whole, with the checksum in its trailer', async () => {
    const pieces = Array.from({ length: 40 }, (_, index) => Buffer.alloc(50_000, index));
    const all = Buffer.concat(pieces);
    await s3.client.send(
      new PutObjectCommand({ Bucket, Key: 'streamed', Body: Readable.from(pieces), ContentLength: all.length }),
    );
    const { Body, ChecksumCRC32 } = await s3.client.send(
      new GetObjectCommand({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }),
    );
    expect(Buffer.compare(Buffer.from((await Body?.transformToByteArray()) ?? []), all)).toBe(0);
    expect(ChecksumCRC32).toMatch(/^.{6}==$/);
  });

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
    'a wrong %s is refused, and nothing is written',
    async (name) => {
      const empty = { CRC32: 'AAAAAA==', CRC32C: 'AAAAAA==', SHA1: sha('sha1'), SHA256: sha('sha256') }[name];
      const wrong = put(`wrong-${name}`, { [`Checksum${name}`]: empty });
      await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
      await expect(read(`wrong-${name}`)).rejects.toMatchObject({ name: 'NoSuchKey' });
      await expect(put(`right-${name}`, { ChecksumAlgorithm: name })).resolves.toBeTruthy();
    },
  );
  const sha = (name: string) => createHash(name).digest('base64');

  test('a wrong Content-MD5 is refused', async () => {
    const ContentMD5 = createHash('md5').update('other').digest('base64');
    await expect(put('wrong-md5', { ContentMD5 })).rejects.toMatchObject({ name: 'BadDigest' });
  });

  test('a part of an object is read by its range', async () => {
    await put('ranges');
    const ranged = (Range: string) => read('ranges', { Range });
    expect(await ranged('bytes=0-6')).toMatchObject({ text: 'vehicle', ContentRange: `bytes 0-6/${text.length}` });
    expect(await ranged('bytes=14-')).toMatchObject({ text: text.slice(14) });
    expect(await ranged('bytes=-5')).toMatchObject({ text: text.slice(-5) });
    expect(await ranged('bytes=20-9999')).toMatchObject({ text: text.slice(20) });
    expect((await ranged('bytes=0-6')).$metadata.httpStatusCode).toBe(206);
    await expect(ranged('bytes=9999-')).rejects.toMatchObject({ name: 'InvalidRange' });
    expect((await ranged('bytes=1-0')).text).toBe(text);
  });

  test('a reader may ask for what changed, or for one version only', async () => {
    const { ETag } = await put('conditions');
    await expect(read('conditions', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(read('conditions', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(read('conditions', { IfModifiedSince: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    expect((await read('conditions', { IfMatch: ETag })).text).toBe(text);
  });

  test('a reader may have the answer named otherwise', async () => {
    await put('named');
    const ResponseContentDisposition = 'attachment; filename="report.csv"';
    expect(await read('named', { ResponseContentDisposition, ResponseContentType: 'text/plain' })).toMatchObject({
      ContentDisposition: ResponseContentDisposition,
      ContentType: 'text/plain',
    });
  });

  test('of many who write a key for the first time one wins, and its bytes stay', async () => {
    const writes = Array.from({ length: 8 }, (_, index) => put('once', { Body: `writer ${index}`, IfNoneMatch: '*' }));
    const outcomes = await Promise.allSettled(writes);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.name] : []));
    expect(refused).toEqual(Array(7).fill('PreconditionFailed'));
    expect((await read('once')).text).toBe(`writer ${winner}`);
  });

  test('a write over a version that is gone is refused', async () => {
    const { ETag } = await put('versioned');
    await put('versioned', { Body: 'newer', IfMatch: ETag });
    await expect(put('versioned', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('never', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('a reader keeps the bytes of an object that is replaced or deleted meanwhile', async () => {
    const long = Buffer.alloc(3_000_000, 'a');
    await put('replaced', { Body: long });
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'replaced' }));
    await put('replaced', { Body: 'short' });
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'replaced' }));
    expect((await Body?.transformToByteArray())?.length).toBe(long.length);
  });

  test('a copy has the bytes and the description, or a new one', async () => {
    await put('original ü', { ContentType: 'text/csv', Metadata: { a: '1' } });
    const CopySource = `${Bucket}/${encodeURIComponent('original ü')}`;
    const { CopyObjectResult } = await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    expect(await read('copy')).toMatchObject({ text, ETag: CopyObjectResult?.ETag, Metadata: { a: '1' } });
    const other = { MetadataDirective: 'REPLACE' as const, Metadata: { b: '2' } };
    await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'copy-2', CopySource, ...other }));
    expect((await read('copy-2')).Metadata).toEqual({ b: '2' });
    const missing = new CopyObjectCommand({ Bucket, Key: 'copy-3', CopySource: `${Bucket}/missing` });
    await expect(s3.client.send(missing)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('what was deleted is gone, and may be deleted again', async () => {
    await put('gone');
    for (const _ of [1, 2]) await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    await expect(read('gone')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const head = s3.client.send(new HeadObjectCommand({ Bucket, Key: 'gone' }));
    await expect(head).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('many objects are deleted at once', async () => {
    await Promise.all(['many/1', 'many/2 & <3>'].map((key) => put(key)));
    const Objects = ['many/1', 'many/2 & <3>', 'many/none'].map((Key) => ({ Key }));
    const { Deleted = [], Errors } = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted.map(({ Key }) => Key)).toEqual(Objects.map(({ Key }) => Key));
    expect(Errors).toBeUndefined();
    const { KeyCount } = await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }));
    expect(KeyCount).toBe(0);
  });

  test('a bucket answers for itself', async () => {
    await s3.client.send(new HeadBucketCommand({ Bucket }));
    const { LocationConstraint } = await s3.client.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBe('eu-central-1');
    const { Buckets = [] } = await s3.client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual([Bucket]);
    const missing = s3.client.send(new PutObjectCommand({ Bucket: 'missing', Key: 'a', Body: text }));
    await expect(missing).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('what is not understood is refused by name', async () => {
    const tagging = new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet: [] } });
    await expect(s3.client.send(tagging)).rejects.toMatchObject({ name: 'NotImplemented', message: /tagging/ });
    await expect(put('a', { Tagging: 'a=b' })).rejects.toMatchObject({ message: /x-amz-tagging/ });
    await expect(put('a', { StorageClass: 'GLACIER' })).rejects.toMatchObject({ message: /GLACIER/ });
    await expect(put('a', { ACL: 'public-read' })).rejects.toMatchObject({ name: 'AccessControlListNotSupported' });
    await expect(put('a', { ServerSideEncryption: 'aws:kms' })).rejects.toMatchObject({ message: /aws:kms/ });
    await expect(read('a', { VersionId: '1' })).rejects.toMatchObject({ message: /versionId/ });
    await expect(put('a', { ExpectedBucketOwner: '111111111111' })).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(put('k'.repeat(1025))).rejects.toMatchObject({ name: 'KeyTooLongError' });
    await expect(put('a', { Metadata: { a: 'x'.repeat(2048) } })).rejects.toMatchObject({ name: 'MetadataTooLarge' });
  });

  test('a fault at one object fails, repeats or delays its calls', async () => {
    await put('faulty');
    s3.faults.plan({
      hop: 'http',
      label: `s3:GetObject ${Bucket}/faulty`,
      kind: 'fail',
      error: 'SlowDown',
      status: 503,
      times: 1,
    });
    await expect(read('faulty')).rejects.toMatchObject({ name: 'SlowDown' });
    s3.faults.plan({ hop: 'http', label: 's3:*', kind: 'duplicate' });
    await put('twice', { Body: 'twice' });
    expect((await read('twice')).text).toBe('twice');
    s3.faults.endAll();
  });
});
