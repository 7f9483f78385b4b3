import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MovableClock } from '#local/clock.ts';
import { type LocalS3, localS3, noRetries } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'transfers';
const Key = 'imports/year 2026.csv';
const text = 'vehicle,brand\nveh-a,Opel\n';
const curl = promisify(execFile);
const cors = {
  CorsRules: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['https://*.example.com'], AllowedHeaders: ['*'] }],
};

describe('a presigned URL', () => {
  let s3: LocalS3;
  const clock = new MovableClock();
  beforeAll(async () => {
    s3 = await localS3({ directory: newDirectory(), clock });
    await s3.create('AWS::S3::Bucket', Bucket, { CorsConfiguration: cors });
  });
  afterAll(() => s3.close());
  const owner = () =>
    new S3Client({
      ...noRetries,
      endpoint: s3.endpoint,
      credentials: s3.iam.administratorKey,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });

  const rights = (...actions: string[]) => [
    { Effect: 'Allow', Action: actions.map((action) => `s3:${action}`), Resource: `arn:aws:s3:::${Bucket}/imports/*` },
  ];
  /** Otherwise the SDK signs the checksum of the body that it does not have: an empty one. */
  const withoutChecksum = { requestChecksumCalculation: 'WHEN_REQUIRED' };
  const upload = (client: S3Client, more: object = {}) =>
    getSignedUrl(client, new PutObjectCommand({ Bucket, Key, ...more }), { expiresIn: 60 });
  const download = (client: S3Client, more: object = {}) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket, Key, ...more }), { expiresIn: 60 });

  test('lets somebody without a key write and read one object', async () => {
    const client = s3.clientOf('importer', rights('PutObject', 'GetObject'), withoutChecksum);
    const put = await fetch(await upload(client), { method: 'PUT', body: text });
    expect([put.status, await put.text()]).toEqual([200, '']);
    const got = await fetch(await download(client, { ResponseContentDisposition: 'attachment; filename="a.csv"' }));
    expect(await got.text()).toBe(text);
    expect(got.headers.get('content-disposition')).toBe('attachment; filename="a.csv"');
    const part = await fetch(await download(client), { headers: { range: 'bytes=0-6' } });
    expect([part.status, await part.text()]).toEqual([206, 'vehicle']);
  });

  test('takes a file from curl', async () => {
    const file = join(newDirectory(), 'file');
    writeFileSync(file, Buffer.alloc(2_000_000, 'x'));
    const arguments_ = ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-T', file];
    const { stdout } = await curl('curl', [...arguments_, await upload(owner())]);
    expect(stdout).toBe('200');
    expect((await (await fetch(await download(owner()))).arrayBuffer()).byteLength).toBe(2_000_000);
  });

  test('with the checksum of an empty body takes an empty body only', async () => {
    const url = await upload(s3.client);
    expect(url).toContain('x-amz-checksum-crc32=AAAAAA%3D%3D');
    const answer = await fetch(url, { method: 'PUT', body: text });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('<Code>BadDigest</Code>')]);
  });

  test('may bind the type of what is written', async () => {
    const url = await getSignedUrl(owner(), new PutObjectCommand({ Bucket, Key, ContentType: 'text/csv' }), {
      signableHeaders: new Set(['content-type']),
    });
    const put = (type: string) => fetch(url, { method: 'PUT', body: text, headers: { 'content-type': type } });
    expect((await put('text/plain')).status).toBe(403);
    expect((await put('text/csv')).status).toBe(200);
  });

  test('is worth what its signer may at the time it is used', async () => {
    const client = s3.clientOf('reader', rights('GetObject'), withoutChecksum);
    const refused = await fetch(await upload(client), { method: 'PUT', body: text });
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringMatching(/<Code>AccessDenied<.*s3:PutObject/s),
    ]);
    s3.iam.putRolePolicy('reader', 'own', { Statement: rights('PutObject') });
    expect((await fetch(await upload(client), { method: 'PUT', body: text })).status).toBe(200);
  });

  test('opens no other object, no other method and no other answer', async () => {
    const url = await download(owner());
    for (const other of [url.replace('year', 'years'), `${url}&response-content-type=text%2Fhtml`]) {
      const answer = await fetch(other);
      expect(await answer.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    }
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    const smuggled = await fetch(url, { headers: { 'x-amz-meta-a': '1' } });
    expect(await smuggled.text()).toContain('<HeadersNotSigned>x-amz-meta-a</HeadersNotSigned>');
  });

  test('ends by the time of the cloud', async () => {
    const signingDate = new Date(clock.now());
    const client = s3.clientOf('late', rights('GetObject'));
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60, signingDate });
    expect((await fetch(url)).status).toBe(200);
    clock.runAhead(61_000);
    const late = await fetch(url);
    clock.runAhead(0);
    expect(late.status).toBe(403);
    expect(await late.text()).toMatch(/<Code>AccessDenied<.*Request has expired.*<X-Amz-Expires>60</s);
  });

  test('lets in the pages of those origins that the bucket names', async () => {
    const url = await upload(owner());
    const ask = (origin: string, method: string) =>
      fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } });
    const admitted = await ask('https://app.example.com', 'PUT');
    expect([admitted.status, admitted.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://app.example.com',
    ]);
    expect((await ask('https://other.example', 'PUT')).status).toBe(403);
    expect((await ask('https://app.example.com', 'DELETE')).status).toBe(403);
    const put = await fetch(url, { method: 'PUT', body: text, headers: { origin: 'https://app.example.com' } });
    expect(put.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });

  test('without a signature nobody is let in, in the form of S3', async () => {
    const answer = await fetch(`${s3.endpoint}/${Bucket}/${Key}`);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    const stranger = new S3Client({
      ...noRetries,
      endpoint: s3.endpoint,
      credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'x' },
    });
    await expect(stranger.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
    });
  });

  test('wants to know how much will come', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(text));
        controller.close();
      },
    });
    const init: RequestInit = { method: 'PUT', body, duplex: 'half' };
    const answer = await fetch(await upload(owner()), init);
    expect([answer.status, await answer.text()]).toEqual([411, expect.stringContaining('MissingContentLength')]);
  });
});
