import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  ObjectLockMode,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { type LocalS3, localS3 } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'evidence';
const directory = newDirectory();
const clock = new MovableClock();
const day = 86_400_000;
const versioned = { VersioningConfiguration: { Status: 'Enabled' } };
const locked = {
  ...versioned,
  ObjectLockEnabled: true,
  ObjectLockConfiguration: {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 10 } },
  },
};
let s3: LocalS3;

beforeAll(async () => {
  s3 = await localS3({ directory, clock });
  await s3.create('AWS::S3::Bucket', Bucket, locked);
  const NoncurrentVersionExpiration = { NoncurrentDays: 3 };
  const LifecycleConfiguration = { Rules: [{ Status: 'Enabled', NoncurrentVersionExpiration }] };
  await s3.create('AWS::S3::Bucket', 'plain', { ...versioned, LifecycleConfiguration });
});
afterAll(() => s3.close());

const put = async (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  (await s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))).VersionId ?? '';
const read = async (Key: string, VersionId?: string, from = Bucket) => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: from, Key, VersionId }));
  return Body?.transformToString();
};
const remove = (Key: string, VersionId?: string, from = Bucket) =>
  s3.client.send(new DeleteObjectCommand({ Bucket: from, Key, VersionId }));
const list = async (Prefix: string, from = Bucket) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.client.send(
    new ListObjectVersionsCommand({ Bucket: from, Prefix }),
  );
  return { versions: Versions.map(({ VersionId }) => VersionId), markers: DeleteMarkers };
};

test('what is overwritten or deleted is still read by its version, and comes back when its mark is taken away', async () => {
  const first = await put('a', 'one');
  const second = await put('a', 'two');
  expect(await read('a', first)).toBe('one');
  const { VersionId: mark, DeleteMarker } = await remove('a');
  expect(DeleteMarker).toBe(true);
  await expect(read('a')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(read('a', mark)).rejects.toMatchObject({ $metadata: { httpStatusCode: 405 } });
  const { versions, markers } = await list('a');
  expect(versions).toEqual([second, first]);
  expect(markers).toMatchObject([{ VersionId: mark, IsLatest: true }]);
  await remove('a', mark);
  expect(await read('a')).toBe('two');
});

test('versions outlive the process', async () => {
  const first = await put('kept', 'one');
  await put('kept', 'two');
  await s3.close();
  s3 = await localS3({ directory, clock });
  await s3.create('AWS::S3::Bucket', Bucket, locked);
  await s3.create('AWS::S3::Bucket', 'plain', versioned);
  expect([await read('kept'), await read('kept', first)]).toEqual(['two', 'one']);
});

test('nobody deletes a version before its time, and everybody may afterwards', async () => {
  const version = await put('proof', 'this happened');
  await put('proof', 'no, it did not');
  await expect(remove('proof', version)).rejects.toMatchObject({ name: 'AccessDenied' });
  await remove('proof');
  expect(await read('proof', version)).toBe('this happened');
  clock.runAhead(clock.ahead + 10 * day + 1000);
  await remove('proof', version);
  await expect(read('proof', version)).rejects.toMatchObject({ name: 'NoSuchVersion' });
});

test('how long a version is kept can be said, and only ever made longer', async () => {
  const RetainUntil = (days: number) => new Date(clock.now() + days * day);
  const VersionId = await put('long', 'x', {
    ObjectLockMode: ObjectLockMode.COMPLIANCE,
    ObjectLockRetainUntilDate: RetainUntil(30),
  });
  const retain = (days: number, Mode: ObjectLockMode = 'COMPLIANCE') =>
    s3.client.send(
      new PutObjectRetentionCommand({
        ...{ Bucket, Key: 'long', VersionId },
        Retention: { Mode, RetainUntilDate: RetainUntil(days) },
      }),
    );
  await expect(retain(20)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(retain(40, 'GOVERNANCE')).rejects.toMatchObject({ name: 'AccessDenied' });
  await retain(40);
  const { Retention } = await s3.client.send(new GetObjectRetentionCommand({ Bucket, Key: 'long', VersionId }));
  expect(Retention?.RetainUntilDate?.getTime()).toBeGreaterThan(RetainUntil(39).getTime());
  await expect(retain(-1)).rejects.toMatchObject({ name: 'InvalidArgument' });
});

test('what was replaced goes for good when the lifecycle says so', async () => {
  await s3.create('AWS::S3::Bucket', 'short', {
    ...versioned,
    LifecycleConfiguration: {
      Rules: [{ Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 3 } }],
    },
  });
  await s3.client.send(new PutObjectCommand({ Bucket: 'short', Key: 'a', Body: '1' }));
  await s3.client.send(new PutObjectCommand({ Bucket: 'short', Key: 'a', Body: '2' }));
  expect((await list('a', 'short')).versions).toHaveLength(2);
  clock.runAhead(clock.ahead + 5 * day);
  s3.buckets.start();
  expect((await list('a', 'short')).versions).toHaveLength(1);
  expect(await read('a', undefined, 'short')).toBe('2');
});

test.each([
  ['a lock without versions', { ObjectLockEnabled: true }],
  ['a retention without a lock', { ...versioned, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } }],
])('%s stops the start', async (name, properties) => {
  await expect(s3.create('AWS::S3::Bucket', name.replaceAll(' ', '-'), properties)).rejects.toThrow(/wants/);
});

test('a lock that the bucket does not have is refused', async () => {
  const sent = s3.client.send(
    new PutObjectCommand({
      ...{ Bucket: 'plain', Key: 'a', Body: 'x', ObjectLockMode: 'COMPLIANCE' },
      ObjectLockRetainUntilDate: new Date(clock.now() + day),
    }),
  );
  await expect(sent).rejects.toMatchObject({ name: 'InvalidRequest' });
});
