import type { AwsResponse } from '#local/gateway/service.ts';
import type { Bucket } from './bucket.ts';
import { objectArn } from './bucket-arn.ts';
import { describedObject, descriptionNames } from './description.ts';
import { checksumHeader, versionHeader } from './object-reads.ts';
import { onObject, originOf, present, type S3Call, type S3Operation, xmlType } from './operation.ts';
import { checkCopyConditions, checkWriteConditions } from './preconditions.ts';
import { retentionNames, wantedRetention } from './retention.ts';
import { notImplemented, s3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';
import { writeXml } from './xml.ts';

export const objectWrites: readonly S3Operation[] = [
  {
    name: 'PutObject',
    method: 'PUT',
    level: 'object',
    headers: [...descriptionNames, ...retentionNames],
    permissions: putPermissions,
    run: putObject,
  },
  {
    name: 'CopyObject',
    method: 'PUT',
    level: 'object',
    markingHeader: 'x-amz-copy-source',
    headers: [...descriptionNames, 'x-amz-copy-source-if-*', 'x-amz-metadata-directive'],
    permissions(call) {
      const source = copySource(call);
      const reading = { ...onObject(call, 'GetObject'), resource: objectArn(source.bucket.name, source.key) };
      return [reading, onObject(call, 'PutObject')];
    },
    run: copyObject,
  },
  {
    name: 'DeleteObject',
    method: 'DELETE',
    level: 'object',
    permissions: (call) => [onObject(call, 'DeleteObject')],
    run(call) {
      const { bucket, headers, key } = call;
      if (headers['if-match'] !== undefined) checkWriteConditions({ 'if-match': headers['if-match'] }, present(call));
      const versionId = bucket.delete(key, originOf(call, 'DeleteObject'));
      if (versionId === undefined) return { status: 204 };
      return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId } };
    },
  },
];

/** Whoever writes only over a certain version learns which one is there. */
export function writePermissions(call: S3Call) {
  const writing = onObject(call, 'PutObject');
  return call.headers['if-match'] === undefined ? [writing] : [writing, onObject(call, 'GetObject')];
}

/** Whoever has a version kept may keep it for longer than everybody wants to pay for. */
function putPermissions(call: S3Call) {
  const locking = retentionNames.some((name) => call.headers[name] !== undefined);
  return [...writePermissions(call), ...(locking ? [onObject(call, 'PutObjectRetention')] : [])];
}

async function putObject(call: S3Call): Promise<AwsResponse> {
  const { bucket, headers, key } = call;
  const description = describedObject(headers);
  const retention = wantedRetention(headers, bucket.settings.locks, bucket.now());
  checkWriteConditions(headers, bucket.find(key));
  const { segment, md5, checksum } = await call.received();
  const written = {
    ...description,
    ...{ size: segment.size, etag: md5, segments: [segment] },
    ...(retention && { retention }),
  };
  try {
    // Somebody else may have been faster.
    checkWriteConditions(headers, bucket.find(key));
    const stored = bucket.put(key, { ...written, ...(checksum && { checksum }) }, originOf(call, 'PutObject'));
    return { status: 200, headers: writtenHeaders(stored) };
  } catch (error) {
    if (bucket.find(key)?.segments[0]?.id !== segment.id) bucket.blobs.remove([segment]);
    throw error;
  }
}

export function writtenHeaders(stored: StoredObject): Record<string, string> {
  return {
    etag: `"${stored.etag}"`,
    'x-amz-server-side-encryption': 'AES256',
    ...versionHeader(stored),
    ...checksumHeader(stored),
  };
}

async function copyObject(call: S3Call): Promise<AwsResponse> {
  const { bucket, headers, key } = call;
  const source = copySource(call);
  const original = present(call, source.bucket, source.key);
  checkCopyConditions(headers, original);
  const directive = headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw s3Error('InvalidArgument', 'Unknown metadata directive.');
  if (directive === 'COPY' && source.bucket === bucket && source.key === key) {
    throw s3Error('InvalidRequest', 'An object is copied to itself only with other metadata.');
  }
  const described = describedObject(headers);
  const { size, etag, checksum } = original;
  const segments = await copySegments(source.bucket, bucket, original);
  const { headers: kept, metadata } = directive === 'COPY' ? original : described;
  const copy = { size, etag, segments, headers: kept, metadata, ...(checksum && { checksum }) };
  const stored = bucket.put(key, copy, originOf(call, 'CopyObject'));
  const body = writeXml('CopyObjectResult', {
    LastModified: new Date(stored.lastModified).toISOString(),
    ETag: `"${stored.etag}"`,
  });
  return { status: 200, headers: { ...xmlType, 'x-amz-server-side-encryption': 'AES256' }, body };
}

/** Within the pin of a reader: the source may be deleted while it is copied. */
async function copySegments(from: Bucket, to: Bucket, { segments, size }: StoredObject) {
  return size === 0 ? [] : [await to.blobs.write(from.blobs.read(segments, 0, size))];
}

function copySource({ buckets, headers }: S3Call): { readonly bucket: Bucket; readonly key: string } {
  const [path = '', version] = (headers['x-amz-copy-source'] ?? '').split('?');
  if (version !== undefined) throw notImplemented(`x-amz-copy-source with ?${version}`);
  const [, name = '', encoded = ''] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  const bucket = buckets.find(name);
  if (bucket === undefined) throw s3Error('NoSuchBucket', undefined, { BucketName: name });
  try {
    return { bucket, key: decodeURIComponent(encoded) };
  } catch {
    throw s3Error('InvalidArgument', 'The copy source is not encoded as a URL.');
  }
}
