import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { eventually } from '../queues/local-event-sources.ts';
import { announcing, type LocalS3, localS3 } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'transfers';
const lifecycle = {
  LifecycleConfiguration: {
    Rules: [
      { Id: 'week', Status: 'Enabled', Prefix: 'imports/', ExpirationInDays: 7 },
      { Id: 'uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ],
  },
};

describe('what changes in a bucket', () => {
  let s3: LocalS3;
  let clock: MovableClock;
  beforeEach(async () => {
    clock = new MovableClock();
    s3 = await localS3({ directory: newDirectory(), clock });
    await s3.create('AWS::S3::Bucket', Bucket, { ...announcing, ...lifecycle });
    s3.buckets.start();
  });
  afterEach(() => s3.close());

  const put = (Key: string, Body: string | Buffer = 'a') => s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const begin = async (Key: string) =>
    (await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32' }))).UploadId;
  const part = (Key: string, UploadId: string | undefined, PartNumber: number, Body: string | Buffer) =>
    s3.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  const told = () => s3.told.map(({ detailType, detail }) => ({ detailType, ...JSON.parse(JSON.stringify(detail)) }));

  test('is told to the default bus as S3 tells it', async () => {
    const { ETag = '' } = await put('imports/a b+ü.csv', 'text');
    await s3.client.send(
      new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/imports/a%20b%2B%C3%BC.csv` }),
    );
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'copy' }));
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'never' }));
    await eventually(() => expect(s3.told).toHaveLength(3));
    expect(s3.told[0]).toMatchObject({ source: 'aws.s3', resources: ['arn:aws:s3:::transfers'] });
    const [created, copied, deleted] = told();
    expect(created).toEqual({
      detailType: 'Object Created',
      version: '0',
      bucket: { name: Bucket },
      object: {
        key: 'imports/a b+ü.csv',
        size: 4,
        etag: ETag.replaceAll('"', ''),
        sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
      },
      'request-id': expect.stringMatching(/./),
      requester: '000000000000',
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    });
    expect(copied).toMatchObject({ reason: 'CopyObject', object: { key: 'copy' } });
    expect(deleted).toMatchObject({ detailType: 'Object Deleted', 'deletion-type': 'Permanently Deleted' });
    expect(deleted.object.sequencer > copied.object.sequencer).toBe(true);
  });

  test('a refused write is told to nobody', async () => {
    const refused = new PutObjectCommand({ Bucket, Key: 'a', Body: 'a', ChecksumCRC32: 'AAAAAA==' });
    await expect(s3.client.send(refused)).rejects.toThrow();
    await put('b');
    await eventually(() => expect(told()).toMatchObject([{ object: { key: 'b' } }]));
  });

  test('an upload in parts becomes one object, told of once', async () => {
    const UploadId = await begin('long');
    const large = Buffer.alloc(5 * 1024 ** 2, 'x');
    const outcomes = await Promise.all([part('long', UploadId, 1, large), part('long', UploadId, 7, 'end')]);
    const { Parts = [] } = await s3.client.send(new ListPartsCommand({ Bucket, Key: 'long', UploadId }));
    expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, large.length],
      [7, 3],
    ]);
    const chosen = outcomes.map(({ ETag, ChecksumCRC32 }, index) => ({
      ETag,
      ChecksumCRC32,
      PartNumber: [1, 7][index],
    }));
    const complete = (listed: readonly object[]) =>
      s3.client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key: 'long', UploadId, MultipartUpload: { Parts: [...listed] } }),
      );
    await expect(complete([...chosen].reverse())).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([{ ...chosen[0], ETag: '"no"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await complete(chosen);
    const { Body, ETag } = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'long' }));
    expect(ETag).toMatch(/-2"$/);
    expect((await Body?.transformToByteArray())?.length).toBe(large.length + 3);
    await eventually(() => expect(told()).toMatchObject([{ reason: 'CompleteMultipartUpload' }]));
  });

  test('a part below 5 MB may only be the last', async () => {
    const UploadId = await begin('small');
    const parts = [await part('small', UploadId, 1, 'a'), await part('small', UploadId, 2, 'b')];
    const Parts = parts.map(({ ETag, ChecksumCRC32 }, index) => ({ ETag, ChecksumCRC32, PartNumber: index + 1 }));
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key: 'small', UploadId, MultipartUpload: { Parts } });
    await expect(s3.client.send(complete)).rejects.toMatchObject({ name: 'EntityTooSmall' });
  });

  test('a checksum has to be announced when the upload begins, and said again when it ends', async () => {
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'plain' }));
    await expect(part('plain', UploadId, 1, 'a')).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('expected checksum Type: null, actual checksum Type: crc32'),
    });
    const announced = await begin('announced');
    const { ETag } = await part('announced', announced, 1, 'a');
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await expect(
      s3.client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key: 'announced', UploadId: announced, MultipartUpload }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidRequest' });
  });

  test('an upload that was ended takes no more parts', async () => {
    const UploadId = await begin('ended');
    await part('ended', UploadId, 1, 'a');
    const uploads = () => s3.client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect((await uploads()).Uploads).toMatchObject([{ Key: 'ended', UploadId }]);
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'ended', UploadId }));
    expect((await uploads()).Uploads).toBeUndefined();
    await expect(part('ended', UploadId, 2, 'b')).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  test('the lifecycle takes objects and forgotten uploads away when their days are over', async () => {
    const day = 86_400_000;
    await put('imports/old');
    await put('kept');
    const UploadId = await begin('forgotten');
    const { Expiration } = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'imports/old' }));
    expect(Expiration).toContain('rule-id="week"');
    clock.runAhead(6.9 * day);
    const list = () => s3.buckets.find(Bucket)?.find('imports/old');
    await eventually(() => expect(s3.buckets.find(Bucket)?.uploads.entries()).toEqual([]));
    expect(list()).toBeDefined();
    clock.runAhead(8 * day + 3_600_000);
    await eventually(() => expect(list()).toBeUndefined());
    clock.runAhead(0);
    expect(s3.buckets.find(Bucket)?.find('kept')).toBeDefined();
    await expect(part('forgotten', UploadId, 1, 'a')).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await eventually(() => expect(told().at(-1)).toMatchObject({ reason: 'Lifecycle Expiration' }));
    expect(told().at(-1)).not.toHaveProperty('source-ip-address');
  });
});
