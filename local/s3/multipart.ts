import { createHash } from 'node:crypto';
import type { AwsResponse } from '#local/gateway/service.ts';
import { pageLength, urlEncoded } from './bucket-operations.ts';
import { checksumOf } from './checksums.ts';
import { describedObject, descriptionNames } from './description.ts';
import { compareKeys } from './key-index.ts';
import { checksumHeader } from './object-reads.ts';
import { writePermissions, writtenHeaders } from './object-writes.ts';
import { onBucket, onObject, originOf, type S3Call, type S3Operation, xmlType } from './operation.ts';
import { checkWriteConditions } from './preconditions.ts';
import { notImplemented, s3Error } from './s3-error.ts';
import { type Checksum, type ChecksumAlgorithm, checksumAlgorithms, type Part } from './stored-object.ts';
import { readXml, writeXml, type XmlElement } from './xml.ts';

const smallestPart = 5 * 1024 ** 2;
const mostParts = 10_000;

export const multipartOperations: readonly S3Operation[] = [
  {
    name: 'CreateMultipartUpload',
    method: 'POST',
    level: 'object',
    markers: ['uploads'],
    headers: [...descriptionNames, 'x-amz-checksum-algorithm', 'x-amz-checksum-type'],
    permissions: (call) => [onObject(call, 'PutObject')],
    run: createUpload,
  },
  {
    name: 'UploadPart',
    method: 'PUT',
    level: 'object',
    markers: ['partNumber', 'uploadId'],
    headers: descriptionNames,
    permissions: (call) => [onObject(call, 'PutObject')],
    run: uploadPart,
  },
  {
    name: 'CompleteMultipartUpload',
    method: 'POST',
    level: 'object',
    markers: ['uploadId'],
    headers: ['x-amz-checksum-type', 'x-amz-mp-object-size'],
    permissions: writePermissions,
    run: completeUpload,
  },
  {
    name: 'AbortMultipartUpload',
    method: 'DELETE',
    level: 'object',
    markers: ['uploadId'],
    permissions: (call) => [onObject(call, 'AbortMultipartUpload')],
    run({ bucket, key, query }) {
      const uploadId = query.get('uploadId') ?? '';
      bucket.uploads.find(uploadId, key);
      bucket.uploads.end(uploadId);
      return { status: 204 };
    },
  },
  {
    name: 'ListParts',
    method: 'GET',
    level: 'object',
    markers: ['uploadId'],
    parameters: ['max-parts', 'part-number-marker'],
    permissions: (call) => [onObject(call, 'ListMultipartUploadParts')],
    run: listParts,
  },
  {
    name: 'ListMultipartUploads',
    method: 'GET',
    level: 'bucket',
    markers: ['uploads'],
    parameters: ['prefix', 'encoding-type'],
    permissions: (call) => [onBucket(call, 'ListBucketMultipartUploads')],
    run: listUploads,
  },
];

function createUpload({ bucket, headers, key }: S3Call): AwsResponse {
  const wanted = headers['x-amz-checksum-algorithm']?.toLowerCase();
  const algorithm = checksumAlgorithms.find((one) => one === wanted);
  if (wanted !== undefined && algorithm === undefined) throw notImplemented(`x-amz-checksum-algorithm: ${wanted}`);
  refuseWholeChecksum(headers['x-amz-checksum-type']);
  const UploadId = bucket.uploads.begin({ key, ...describedObject(headers), ...(algorithm && { algorithm }) });
  return {
    status: 200,
    headers: {
      ...xmlType,
      'x-amz-server-side-encryption': 'AES256',
      ...(algorithm && { 'x-amz-checksum-algorithm': algorithm.toUpperCase(), 'x-amz-checksum-type': 'COMPOSITE' }),
    },
    body: writeXml('InitiateMultipartUploadResult', { Bucket: bucket.name, Key: key, UploadId }),
  };
}

function refuseWholeChecksum(type: string | undefined): void {
  if (type !== undefined && type !== 'COMPOSITE') throw notImplemented(`x-amz-checksum-type: ${type}`);
}

async function uploadPart(call: S3Call): Promise<AwsResponse> {
  const { bucket, key, query } = call;
  const uploadId = query.get('uploadId') ?? '';
  const number = Number(query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > mostParts) {
    throw s3Error('InvalidArgument', `Part number must be an integer between 1 and ${mostParts}, inclusive`);
  }
  const { algorithm } = bucket.uploads.find(uploadId, key);
  const { segment, md5, checksum } = await call.received();
  try {
    // Also where the upload was begun without one, as the SDK's own commands do it ("UploadPart", x-amz-checksum-…).
    if (checksum?.algorithm !== algorithm) {
      const [expected, actual] = [algorithm ?? null, checksum?.algorithm ?? null];
      throw s3Error(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
      );
    }
    bucket.uploads.put(uploadId, key, number, { segment, etag: md5, ...(checksum && { checksum }) });
  } catch (error) {
    bucket.blobs.remove([segment]);
    throw error;
  }
  const checksums = checksum === undefined ? {} : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
  return { status: 200, headers: { etag: `"${md5}"`, 'x-amz-server-side-encryption': 'AES256', ...checksums } };
}

async function completeUpload(call: S3Call): Promise<AwsResponse> {
  const { bucket, headers, key, query } = call;
  const uploadId = query.get('uploadId') ?? '';
  refuseWholeChecksum(headers['x-amz-checksum-type']);
  const listed = readCompletion(readXml(await call.document()));
  const done = bucket.find(key);
  // The answer to an earlier call may have been lost.
  if (done?.uploadId === uploadId) return completed(call, done.etag, checksumHeader(done));
  const upload = bucket.uploads.find(uploadId, key);
  checkWriteConditions(headers, done);
  if (upload.algorithm !== undefined && listed.some(({ checksums }) => checksums.length === 0)) {
    throw s3Error('InvalidRequest', 'The complete request must include the checksum for each part.');
  }
  const parts = chosenParts(listed, bucket.uploads.parts(uploadId));
  const segments = parts.map(({ segment }) => segment);
  const size = segments.reduce((sum, segment) => sum + segment.size, 0);
  const expected = headers['x-amz-mp-object-size'];
  if (expected !== undefined && Number(expected) !== size) {
    throw s3Error('InvalidRequest', `The object has ${size} bytes, not ${expected}.`);
  }
  const checksum = upload.algorithm && compositeChecksum(upload.algorithm, parts);
  const object = { headers: upload.headers, metadata: upload.metadata, size, segments, etag: compositeTag(parts) };
  const stored = bucket.put(
    key,
    { ...object, uploadId, ...(checksum && { checksum }) },
    originOf(call, 'CompleteMultipartUpload'),
  );
  bucket.uploads.end(uploadId, new Set(segments.map(({ id }) => id)));
  return completed(call, stored.etag, writtenHeaders(stored));
}

function completed({ bucket, key }: S3Call, etag: string, headers: Record<string, string>): AwsResponse {
  const checksums = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-checksum-'));
  const named = checksums.map(([name, value]): [string, string] => [
    name === 'x-amz-checksum-type' ? 'ChecksumType' : `Checksum${name.slice('x-amz-checksum-'.length).toUpperCase()}`,
    value,
  ]);
  const body = writeXml('CompleteMultipartUploadResult', {
    Location: `/${bucket.name}/${urlEncoded(key)}`,
    ...{ Bucket: bucket.name, Key: key, ETag: `"${etag}"` },
    ...Object.fromEntries(named),
  });
  return { status: 200, headers: { ...xmlType, 'x-amz-server-side-encryption': 'AES256' }, body };
}

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: readonly Checksum[];
}

function readCompletion({ name, children }: XmlElement): readonly ListedPart[] {
  if (name !== 'CompleteMultipartUpload' || children.length === 0) throw s3Error('MalformedXML');
  return children.map((part) => {
    const members = new Map(part.children.map((member) => [member.name, member.text.trim()]));
    const number = Number(members.get('PartNumber'));
    const etag = members.get('ETag')?.replaceAll('"', '');
    if (part.name !== 'Part' || !Number.isInteger(number) || etag === undefined) throw s3Error('MalformedXML');
    const checksums = checksumAlgorithms.flatMap((algorithm) => {
      const value = members.get(`Checksum${algorithm.toUpperCase()}`);
      return value === undefined ? [] : [{ algorithm, value }];
    });
    return { number, etag, checksums };
  });
}

function chosenParts(listed: readonly ListedPart[], uploaded: ReadonlyMap<number, Part>): readonly Part[] {
  if (listed.some(({ number }, index) => number <= (listed[index - 1]?.number ?? 0))) throw s3Error('InvalidPartOrder');
  return listed.map(({ number, etag, checksums }, index) => {
    const part = uploaded.get(number);
    const same = checksums.every(({ algorithm, value }) => {
      return part?.checksum?.algorithm === algorithm && part.checksum.value === value;
    });
    if (part?.etag !== etag || !same) throw s3Error('InvalidPart', undefined, { PartNumber: number, ETag: etag });
    if (index < listed.length - 1 && part.segment.size < smallestPart) {
      const details = { ProposedSize: part.segment.size, MinSizeAllowed: smallestPart, PartNumber: number, ETag: etag };
      throw s3Error('EntityTooSmall', undefined, details);
    }
    return part;
  });
}

function compositeTag(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Part[]): Checksum {
  const values = parts.map(({ checksum }) => Buffer.from(checksum?.value ?? '', 'base64'));
  return { algorithm, value: `${checksumOf(algorithm, Buffer.concat(values))}-${parts.length}` };
}

function listParts({ bucket, key, query }: S3Call): AwsResponse {
  const UploadId = query.get('uploadId') ?? '';
  bucket.uploads.find(UploadId, key);
  const maximum = pageLength(query.get('max-parts') ?? undefined);
  const marker = pageLength(query.get('part-number-marker') ?? '0');
  const behind = [...bucket.uploads.parts(UploadId)].filter(([number]) => number > marker);
  const page = behind.slice(0, maximum);
  const body = writeXml('ListPartsResult', {
    ...{ Bucket: bucket.name, Key: key, UploadId, PartNumberMarker: marker },
    NextPartNumberMarker: page.at(-1)?.[0],
    MaxParts: maximum,
    IsTruncated: behind.length > page.length,
    StorageClass: 'STANDARD',
    Part: page.map(([PartNumber, { etag, lastModified, segment }]) => ({
      PartNumber,
      LastModified: new Date(lastModified).toISOString(),
      ETag: `"${etag}"`,
      Size: segment.size,
    })),
  });
  return { status: 200, headers: xmlType, body };
}

/** All on one page: more than a thousand would be abandoned ones, which a lifecycle ends. */
function listUploads({ bucket, query }: S3Call): AwsResponse {
  const prefix = query.get('prefix') ?? '';
  const encoding = query.get('encoding-type') ?? undefined;
  const shown = (text: string) => (encoding === 'url' ? urlEncoded(text) : text);
  const uploads = bucket.uploads.entries().filter(([, { key }]) => key.startsWith(prefix));
  if (uploads.length > 1000) throw notImplemented('a list of more than 1000 multipart uploads');
  uploads.sort(([, a], [, b]) => compareKeys(a.key, b.key) || a.startedAt - b.startedAt);
  const body = writeXml('ListMultipartUploadsResult', {
    ...{ Bucket: bucket.name, Prefix: shown(prefix), EncodingType: encoding, MaxUploads: 1000, IsTruncated: false },
    Upload: uploads.map(([UploadId, { key, startedAt }]) => ({
      ...{ Key: shown(key), UploadId, Initiated: new Date(startedAt).toISOString(), StorageClass: 'STANDARD' },
    })),
  });
  return { status: 200, headers: xmlType, body };
}
