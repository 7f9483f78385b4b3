import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3PhotoStore } from '#functions/adapters/s3/photo-store.ts';
import { MovableClock } from '#local/clock.ts';
import { careIdOf } from '#shared/sharing/care/care-id.ts';
import type { Photo } from '#shared/sharing/care/photo.ts';
import { fileOf } from '#shared/sharing/care/photo-ports.ts';
import { anOperationId } from '../../contract/samples.ts';
import { type LocalS3, localS3 } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'photos';
const clock = new MovableClock();
let s3: LocalS3;
let store: S3PhotoStore;
beforeAll(async () => {
  s3 = await localS3({ directory: newDirectory(), clock });
  await s3.create('AWS::S3::Bucket', Bucket, {});
  const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
  const Action = ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket'];
  const quiet = { requestChecksumCalculation: 'WHEN_REQUIRED' };
  store = new S3PhotoStore(s3.clientOf('api', [{ Effect: 'Allow', Action, Resource }], quiet), Bucket);
});
afterAll(() => s3.close());

const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2_000, 7)]);

function aPhoto(bytes: Buffer = jpeg): Photo {
  const now = clock.now();
  return {
    ...{ photoId: careIdOf('photo', { operationId: anOperationId(), startedAt: now }), moment: 'damage' },
    ...{ contentType: 'image/jpeg', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    ...{ folder: 'uses', orderedAt: now, state: { status: 'waiting', until: now + 60_000 } },
  };
}

/** `fetch` counts the length itself, as every client does. */
const put = async (url: string, body: Buffer, headers: Readonly<Record<string, string>>) => {
  const { 'content-length': _, ...others } = headers;
  const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(body), headers: others });
  return [answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]];
};

test('an address takes this length, this type and these bytes, and stores nothing else', async () => {
  const photo = aPhoto();
  const file = fileOf('rsv-1', photo);
  const { url, headers } = await store.address(file, photo, 600);
  expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual([
    ...['content-length', 'content-type', 'host', 'x-amz-checksum-sha256'],
  ]);
  expect(await store.find(file)).toBeUndefined();
  expect(await put(url, Buffer.concat([jpeg, jpeg]), headers)).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await put(url, jpeg, { ...headers, 'content-type': 'application/pdf' })).toEqual([
    403,
    'SignatureDoesNotMatch',
  ]);
  const { 'x-amz-checksum-sha256': _, ...unchecked } = headers;
  expect(await put(url, jpeg, unchecked)).toEqual([403, expect.anything()]);
  const otherBytes = Buffer.from(jpeg).fill(8, 100);
  expect(await put(url, otherBytes, headers)).toEqual([400, 'BadDigest']);
  const own = { ...headers, 'x-amz-checksum-sha256': createHash('sha256').update(otherBytes).digest('base64') };
  expect(await put(url, otherBytes, own)).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await store.find(file)).toBeUndefined();
  expect(await put(url, jpeg, headers)).toEqual([200, undefined]);
  expect(await store.find(file)).toMatchObject({ bytes: jpeg.length, sha256: photo.sha256 });
  expect(Buffer.from((await store.find(file))?.head ?? []).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
});

test('an address ends with its time, and so does a link; what is kept is found in its new folder, and goes when it is removed', async () => {
  const photo = aPhoto();
  const file = fileOf('rsv-2', photo);
  const { url, headers } = await store.address(file, photo, 600);
  expect(await put(url, jpeg, headers)).toEqual([200, undefined]);
  const link = await store.link(file, photo, 300);
  const got = await fetch(link);
  expect([got.status, got.headers.get('content-type'), got.headers.get('content-disposition')]).toEqual([
    ...[200, 'image/jpeg', 'attachment'],
  ]);
  await store.copy(file, 'damages');
  await store.copy(fileOf('rsv-3', photo), 'damages');
  await store.remove([file]);
  expect(await store.find(file)).toBeUndefined();
  expect(await store.find({ ...file, folder: 'damages' })).toMatchObject({ sha256: photo.sha256 });
  const late = await store.address(file, photo, 600);
  clock.runAhead(601_000);
  expect((await put(late.url, jpeg, late.headers))[0]).toBe(403);
  expect((await fetch(link)).status).toBe(403);
});
