import type { AwsResponse } from '#local/gateway/service.ts';
import { expirationOf } from './lifecycle.ts';
import { onObject, presentVersion, type S3Call, type S3Operation } from './operation.ts';
import { checkReadConditions, readRange } from './preconditions.ts';
import { retentionHeaders } from './retention.ts';
import { descriptionHeaders, type StoredObject } from './stored-object.ts';

const overridable = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

const reading = {
  level: 'object',
  parameters: ['versionId', ...overridable.map((name) => `response-${name}`)],
  headers: ['x-amz-checksum-mode'],
  permissions: (call: S3Call) => [onObject(call, call.query.has('versionId') ? 'GetObjectVersion' : 'GetObject')],
} as const;

export const objectReads: readonly S3Operation[] = [
  { ...reading, name: 'GetObject', method: 'GET', run: (call) => readObject(call, true) },
  { ...reading, name: 'HeadObject', method: 'HEAD', run: (call) => readObject(call, false) },
];

function readObject(call: S3Call, withBytes: boolean): AwsResponse {
  const { bucket, headers: asked, query } = call;
  const object = presentVersion(call);
  checkReadConditions(asked, object);
  const range = readRange(asked['range'], object.size);
  const { start, end } = range ?? { start: 0, end: object.size };
  const headers: Record<string, string> = {
    ...objectHeaders(call, object),
    'content-length': String(end - start),
    'accept-ranges': 'bytes',
  };
  if (range !== undefined) headers['content-range'] = `bytes ${start}-${end - 1}/${object.size}`;
  // A checksum of the whole says nothing about a part of it.
  else if (asked['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED') Object.assign(headers, checksumHeader(object));
  for (const name of overridable) {
    const value = query.get(`response-${name}`);
    if (value !== null) headers[name] = value;
  }
  const status = range === undefined ? 200 : 206;
  if (!withBytes) return { status, headers };
  return { status, headers, stream: bucket.blobs.read(object.segments, start, end) };
}

function objectHeaders({ bucket, key }: S3Call, object: StoredObject): Record<string, string> {
  const expiration = expirationOf(bucket.settings.lifecycle, key, object.lastModified);
  return {
    ...descriptionHeaders(object),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'x-amz-server-side-encryption': 'AES256',
    ...versionHeader(object),
    ...retentionHeaders(object.retention),
    ...(expiration !== undefined && {
      'x-amz-expiration': `expiry-date="${new Date(expiration.at).toUTCString()}", rule-id="${expiration.ruleId}"`,
    }),
  };
}

export function versionHeader({ versionId }: Pick<StoredObject, 'versionId'>): Record<string, string> {
  return versionId === undefined ? {} : { 'x-amz-version-id': versionId };
}

export function checksumHeader({ checksum }: Pick<StoredObject, 'checksum'>): Record<string, string> {
  if (checksum === undefined) return {};
  const type = checksum.value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT';
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': type };
}
