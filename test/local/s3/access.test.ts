import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalS3, localS3 } from './local-s3.ts';
import { newDirectory } from './new-directory.ts';

const Bucket = 'transfers';
const arn = `arn:aws:s3:::${Bucket}`;
const allow = (Action: string | readonly string[], Resource: string, Condition?: object) => ({
  ...{ Effect: 'Allow', Action, Resource },
  ...(Condition && { Condition }),
});

describe('what a role may in a bucket', () => {
  let s3: LocalS3;
  beforeAll(async () => {
    s3 = await localS3({ directory: newDirectory() });
    await s3.create('AWS::S3::Bucket', Bucket, {});
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'imports/1', Body: '1' }));
  });
  afterAll(() => s3.close());

  const get = (client: S3Client, Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));
  const put = (client: S3Client, Key: string, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: '1', ...more }));
  const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

  test('ends at the prefix and the action of its grant', async () => {
    const reader = s3.clientOf('reader', [allow('s3:GetObject', `${arn}/imports/*`)]);
    await expect(get(reader, 'imports/1')).resolves.toBeTruthy();
    await expect(get(reader, 'exports/1')).rejects.toMatchObject(denied);
    await expect(put(reader, 'imports/2')).rejects.toMatchObject({ ...denied, message: /s3:PutObject/ });
    const list = reader.send(new ListObjectsV2Command({ Bucket }));
    await expect(list).rejects.toMatchObject({ ...denied, message: /s3:ListBucket/ });
  });

  test('who may not list a bucket does not learn that an object is missing', async () => {
    const reader = s3.clientOf('blind', [allow('s3:GetObject', `${arn}/*`)]);
    await expect(get(reader, 'missing')).rejects.toMatchObject(denied);
    const lister = s3.clientOf('lister', [allow('s3:GetObject', `${arn}/*`), allow('s3:ListBucket', arn)]);
    await expect(get(lister, 'missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('may be a list of one prefix only', async () => {
    const condition = { StringLike: { 's3:prefix': 'imports/*' } };
    const lister = s3.clientOf('prefixed', [allow('s3:ListBucket', arn, condition)]);
    const list = (Prefix: string) => lister.send(new ListObjectsV2Command({ Bucket, Prefix }));
    await expect(list('imports/')).resolves.toMatchObject({ KeyCount: 1 });
    await expect(list('exports/')).rejects.toMatchObject(denied);
  });

  test('a copy wants the right to read its source', async () => {
    const writer = s3.clientOf('writer', [allow('s3:PutObject', `${arn}/*`)]);
    const copy = writer.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/imports/1` }));
    await expect(copy).rejects.toMatchObject({ ...denied, message: /s3:GetObject/ });
    await expect(put(writer, 'imports/1', { IfMatch: '"x"' })).rejects.toMatchObject({ message: /s3:GetObject/ });
  });

  test('of several deletions only those go through that are granted', async () => {
    const cleaner = s3.clientOf('cleaner', [allow('s3:DeleteObject', `${arn}/exports/*`)]);
    const Objects = [{ Key: 'exports/1' }, { Key: 'imports/1' }];
    const { Deleted, Errors } = await cleaner.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted, Errors]).toMatchObject([[{ Key: 'exports/1' }], [{ Key: 'imports/1', Code: 'AccessDenied' }]]);
    await expect(get(s3.client, 'imports/1')).resolves.toBeTruthy();
  });

  test('the policy of the bucket forbids and allows, too; loopback counts as TLS', async () => {
    const all = s3.clientOf('all', [allow('s3:*', '*')]);
    const none = s3.clientOf('none', []);
    const everybody = { AWS: '*' };
    const named = { AWS: 'arn:aws:iam::000000000000:role/none' };
    const Resource = [arn, `${arn}/*`];
    const insecure = { Bool: { 'aws:SecureTransport': 'false' } };
    await s3.create('AWS::S3::BucketPolicy', 'policy', {
      Bucket,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Deny', Principal: everybody, Action: 's3:*', Resource, Condition: insecure },
          { Effect: 'Deny', Principal: everybody, Action: 's3:GetObject', Resource: `${arn}/secret/*` },
          { Effect: 'Allow', Principal: named, Action: 's3:GetObject', Resource: `${arn}/imports/*` },
        ],
      },
    });
    await put(all, 'secret/1');
    await expect(get(all, 'secret/1')).rejects.toMatchObject({ ...denied, message: /explicit deny/ });
    await expect(get(all, 'imports/1')).resolves.toBeTruthy();
    await expect(get(none, 'imports/1')).resolves.toBeTruthy();
    await expect(get(none, 'secret/1')).rejects.toMatchObject(denied);
  });
});
