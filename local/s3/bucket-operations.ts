import type { AwsResponse } from '#local/gateway/service.ts';
import { objectArn } from './bucket-arn.ts';
import { onBucket, originOf, type S3Call, type S3Operation, xmlType } from './operation.ts';
import { notImplemented, s3Error } from './s3-error.ts';
import { readXml, writeXml, type XmlElement, type XmlMembers } from './xml.ts';

const longestPage = 1000;

export const bucketOperations: readonly S3Operation[] = [
  {
    name: 'HeadBucket',
    method: 'HEAD',
    level: 'bucket',
    permissions: (call) => [onBucket(call, 'ListBucket')],
    run: ({ buckets }) => ({ status: 200, headers: { 'x-amz-bucket-region': buckets.region } }),
  },
  {
    name: 'GetBucketLocation',
    method: 'GET',
    level: 'bucket',
    markers: ['location'],
    permissions: (call) => [onBucket(call, 'GetBucketLocation')],
    run: ({ buckets }) => ({
      status: 200,
      headers: xmlType,
      // S3 says nothing for its first region.
      body: writeXml('LocationConstraint', {}).replace('></', `>${buckets.region}</`),
    }),
  },
  {
    name: 'ListObjectsV2',
    method: 'GET',
    level: 'bucket',
    markers: ['list-type'],
    parameters: [
      ...['prefix', 'delimiter', 'max-keys', 'start-after', 'continuation-token', 'fetch-owner', 'encoding-type'],
    ],
    permissions(call) {
      const context: Record<string, string> = { ...call.context };
      for (const name of ['prefix', 'delimiter', 'max-keys']) {
        const value = call.query.get(name);
        if (value !== null) context[`s3:${name}`] = value;
      }
      return [{ ...onBucket(call, 'ListBucket'), context }];
    },
    run: listObjects,
  },
  {
    name: 'DeleteObjects',
    method: 'POST',
    level: 'bucket',
    markers: ['delete'],
    headers: ['x-amz-sdk-checksum-algorithm', 'x-amz-checksum-*', 'x-amz-trailer', 'x-amz-decoded-content-length'],
    // Asked for each key: one that is refused does not keep the others.
    permissions: () => [],
    run: deleteObjects,
  },
];

function listObjects({ bucket, query }: S3Call): AwsResponse {
  if (query.get('list-type') !== '2') throw notImplemented(`list-type=${query.get('list-type')}`);
  const asked = (name: string) => query.get(name) ?? undefined;
  const maximum = pageLength(asked('max-keys'));
  const continuation = asked('continuation-token');
  const encoding = asked('encoding-type');
  if (encoding !== undefined && encoding !== 'url') throw s3Error('InvalidArgument', 'Invalid Encoding Method');
  const prefix = asked('prefix') ?? '';
  const delimiter = asked('delimiter') ?? '';
  const startAfter = asked('start-after') ?? '';
  const page = bucket.list({ prefix, delimiter, startAfter, continuation, maximum });
  const shown = (text: string) => (encoding === 'url' ? urlEncoded(text) : text);
  const body = writeXml('ListBucketResult', {
    Name: bucket.name,
    Prefix: shown(prefix),
    Delimiter: delimiter === '' ? undefined : shown(delimiter),
    StartAfter: startAfter === '' ? undefined : shown(startAfter),
    EncodingType: encoding,
    ContinuationToken: continuation,
    NextContinuationToken: page.next,
    KeyCount: page.keys.length + page.commonPrefixes.length,
    MaxKeys: maximum,
    IsTruncated: page.next !== undefined,
    Contents: page.keys.map((key) => listed(key, shown(key))),
    CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: shown(common) })),
  });
  return { status: 200, headers: xmlType, body };

  function listed(key: string, Key: string): XmlMembers {
    const { lastModified = 0, etag = '', size = 0, checksum } = bucket.find(key) ?? {};
    return {
      Key,
      LastModified: new Date(lastModified).toISOString(),
      ETag: `"${etag}"`,
      ChecksumAlgorithm: checksum?.algorithm.toUpperCase(),
      Size: size,
      StorageClass: 'STANDARD',
    };
  }
}

/** @throws AwsError InvalidArgument */
export function pageLength(text: string | undefined): number {
  if (text === undefined || text === '') return longestPage;
  if (!/^\d{1,9}$/.test(text)) throw s3Error('InvalidArgument', 'A page length is a whole number from 0 on.');
  return Math.min(Number(text), longestPage);
}

export function urlEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}

async function deleteObjects(call: S3Call): Promise<AwsResponse> {
  const { bucket, buckets, headers, request } = call;
  const checked = ['content-md5', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum-'))];
  if (!checked.some((name) => headers[name] !== undefined) && headers['x-amz-trailer'] === undefined) {
    throw s3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
  }
  const { keys, quiet } = readDeletion(readXml(await call.document()));
  const Deleted: XmlMembers[] = [];
  const failures: XmlMembers[] = [];
  for (const key of keys) {
    const resource = objectArn(bucket.name, key);
    try {
      buckets.access.authorize(request.principal, [{ action: 's3:DeleteObject', resource, context: call.context }]);
      bucket.delete(key, originOf(call, 'DeleteObjects'));
      Deleted.push({ Key: key });
    } catch (error) {
      const Message = error instanceof Error ? error.message : String(error);
      failures.push({ Key: key, Code: 'AccessDenied', Message });
    }
  }
  const body = writeXml('DeleteResult', { Deleted: quiet ? [] : Deleted, Error: failures });
  return { status: 200, headers: xmlType, body };
}

function readDeletion({ name, children }: XmlElement): { readonly keys: readonly string[]; readonly quiet: boolean } {
  const keys: string[] = [];
  let quiet = false;
  for (const child of children) {
    if (child.name === 'Quiet') quiet = child.text.trim() === 'true';
    else if (child.name === 'Object') {
      for (const { name: part, text } of child.children) {
        if (part !== 'Key') throw notImplemented(`${part} of an object to delete`);
        keys.push(text);
      }
    } else throw s3Error('MalformedXML');
  }
  if (name !== 'Delete' || keys.length === 0 || keys.length > longestPage) throw s3Error('MalformedXML');
  return { keys, quiet };
}
