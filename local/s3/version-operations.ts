import type { AwsResponse } from '#local/gateway/service.ts';
import type { Bucket } from './bucket.ts';
import { pageLength, urlEncoded } from './bucket-operations.ts';
import { compareKeys } from './key-index.ts';
import { onBucket, onObject, originOf, presentVersion, type S3Call, type S3Operation, xmlType } from './operation.ts';
import { checkExtension, readRetention, retentionXml } from './retention.ts';
import { s3Error } from './s3-error.ts';
import { writeXml, type XmlMembers } from './xml.ts';

export const versionOperations: readonly S3Operation[] = [
  {
    name: 'DeleteObject',
    method: 'DELETE',
    level: 'object',
    markers: ['versionId'],
    permissions: (call) => [onObject(call, 'DeleteObjectVersion')],
    run(call) {
      const versionId = call.query.get('versionId') ?? '';
      call.bucket.deleteVersion(call.key, versionId, originOf(call, 'DeleteObject'));
      return { status: 204, headers: { 'x-amz-version-id': versionId } };
    },
  },
  {
    name: 'GetObjectRetention',
    method: 'GET',
    level: 'object',
    markers: ['retention'],
    parameters: ['versionId'],
    permissions: (call) => [onObject(call, 'GetObjectRetention')],
    run(call) {
      const { retention } = presentVersion(call);
      if (retention === undefined) throw s3Error('NoSuchObjectLockConfiguration');
      return { status: 200, headers: xmlType, body: retentionXml(retention) };
    },
  },
  {
    name: 'PutObjectRetention',
    method: 'PUT',
    level: 'object',
    markers: ['retention'],
    parameters: ['versionId'],
    headers: ['x-amz-sdk-checksum-algorithm', 'x-amz-checksum-*', 'x-amz-trailer', 'x-amz-decoded-content-length'],
    permissions: (call) => [onObject(call, 'PutObjectRetention')],
    async run(call) {
      const { bucket, key } = call;
      if (!bucket.settings.locks) throw s3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration');
      const wanted = readRetention(await call.document(), bucket.now());
      const object = presentVersion(call);
      checkExtension(object.retention, wanted, bucket.now());
      bucket.retain(key, object, wanted);
      return { status: 200 };
    },
  },
  {
    name: 'ListObjectVersions',
    method: 'GET',
    level: 'bucket',
    markers: ['versions'],
    parameters: ['prefix', 'max-keys', 'key-marker', 'version-id-marker', 'encoding-type'],
    permissions: (call) => [onBucket(call, 'ListBucketVersions')],
    run: listVersions,
  },
];

interface Entry {
  readonly key: string;
  readonly versionId: string;
  readonly kind: 'Version' | 'DeleteMarker';
  readonly members: XmlMembers;
}

function listVersions({ bucket, query }: S3Call): AwsResponse {
  const prefix = query.get('prefix') ?? '';
  const maximum = pageLength(query.get('max-keys') ?? undefined);
  const [keyMarker = '', idMarker] = [query.get('key-marker') ?? '', query.get('version-id-marker') ?? undefined];
  const shown = (text: string) => (query.get('encoding-type') === 'url' ? urlEncoded(text) : text);
  const entries = [...entriesOf(bucket)]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => compareKeys(a.key, b.key) || (a.versionId < b.versionId ? 1 : -1))
    .filter(({ key, versionId }) => {
      const order = compareKeys(key, keyMarker);
      return order > 0 || (order === 0 && idMarker !== undefined && versionId < idMarker);
    });
  const page = entries.slice(0, maximum);
  const last = entries.length > page.length ? page.at(-1) : undefined;
  const named = (kind: Entry['kind']) =>
    page.filter((entry) => entry.kind === kind).map(({ key, members }) => ({ Key: shown(key), ...members }));
  const body = writeXml('ListVersionsResult', {
    ...{ Name: bucket.name, Prefix: shown(prefix), KeyMarker: shown(keyMarker), VersionIdMarker: idMarker },
    ...{ MaxKeys: maximum, IsTruncated: last !== undefined },
    NextKeyMarker: last && shown(last.key),
    NextVersionIdMarker: last?.versionId,
    Version: named('Version'),
    DeleteMarker: named('DeleteMarker'),
  });
  return { status: 200, headers: xmlType, body };
}

function* entriesOf(bucket: Bucket): Generator<Entry> {
  for (const [key, object] of bucket.entries()) yield versionEntry(key, object, true);
  for (const version of bucket.formerVersions()) {
    if ('object' in version) yield versionEntry(version.key, version.object, false);
    else {
      const isLatest = bucket.find(version.key) === undefined && bucket.latestFormer(version.key) === version;
      const members = {
        ...{ VersionId: version.versionId, IsLatest: isLatest },
        LastModified: new Date(version.since).toISOString(),
      };
      yield { key: version.key, versionId: version.versionId, kind: 'DeleteMarker', members };
    }
  }
}

function versionEntry(key: string, object: ReturnType<typeof presentVersion>, isLatest: boolean): Entry {
  const { etag, lastModified, size, versionId = 'null' } = object;
  const members = {
    ...{ VersionId: versionId, IsLatest: isLatest, LastModified: new Date(lastModified).toISOString() },
    ...{ ETag: `"${etag}"`, Size: size, StorageClass: 'STANDARD' },
  };
  return { key, versionId, kind: 'Version', members };
}
