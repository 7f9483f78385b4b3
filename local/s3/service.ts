import type { AwsError } from '#local/aws-error.ts';
import type { ArrivedRequest, AwsOperation, AwsRequest, AwsResponse, AwsService } from '#local/gateway/service.ts';
import { addressOf } from './addressing.ts';
import type { Bucket } from './bucket.ts';
import { bucketOperations } from './bucket-operations.ts';
import type { Buckets } from './buckets.ts';
import { corsHeaders } from './cors.ts';
import { multipartOperations } from './multipart.ts';
import { objectReads } from './object-reads.ts';
import { objectWrites } from './object-writes.ts';
import type { S3Call, S3Operation } from './operation.ts';
import { receiveDocument, receiveToDisk } from './received-body.ts';
import { notImplemented, s3Error, s3ErrorCode } from './s3-error.ts';
import { checkUnderstood, choose, effectiveHeaders } from './understanding.ts';
import { versionOperations } from './version-operations.ts';
import { writeXml } from './xml.ts';

const operations: readonly S3Operation[] = [
  ...bucketOperations,
  ...objectReads,
  ...objectWrites,
  ...multipartOperations,
  ...versionOperations,
];

/** S3 for SDK clients and for whoever holds a presigned URL. */
export function s3Service(buckets: Buckets): AwsService {
  return {
    names: ['s3'],
    streams: true,
    understand: (request) => understand(request, buckets),
    understandUnsigned: (request) => understandUnsigned(request, buckets),
    refusal: (error, request) => refusal(error, request, buckets),
  };
}

function understand(request: AwsRequest, buckets: Buckets): AwsOperation {
  const { bucket: name, key } = addressOf(request);
  if (name === '') return listBuckets(request, buckets);
  const headers = effectiveHeaders(request);
  const operation = choose(operations, request, key, headers);
  checkUnderstood(operation, request, headers);
  const owner = headers['x-amz-expected-bucket-owner'];
  const bucket = buckets.find(name);
  if (bucket === undefined) throw s3Error('NoSuchBucket', undefined, { BucketName: name });
  if (owner !== undefined && owner !== buckets.accountId) throw s3Error('AccessDenied');
  const call: S3Call = {
    ...{ request, buckets, bucket, key, headers, query: request.query, context: contextOf(request, buckets) },
    received: once(() => receiveToDisk(request, headers, bucket.blobs)),
    document: once(() => receiveDocument(request, headers)),
  };
  return {
    name: key === '' ? `${operation.name} ${name}` : `${operation.name} ${name}/${key}`,
    permissions: operation.permissions(call),
    run: async () => completed(await operation.run(call), request, bucket),
  };
}

function listBuckets(request: AwsRequest, buckets: Buckets): AwsOperation {
  const known = new Set(['x-id']);
  const unknown = [...request.query.keys()].find((name) => !known.has(name) && !name.startsWith('X-Amz-'));
  if (request.method !== 'GET' || unknown !== undefined) {
    throw notImplemented(`${request.method} /${unknown === undefined ? '' : `?${unknown}`}`);
  }
  return {
    name: 'ListBuckets',
    permissions: [{ action: 's3:ListAllMyBuckets', resource: '*' }],
    run() {
      const listed = buckets.all().map(({ name: Name }) => ({ Name, CreationDate: '2026-01-01T00:00:00.000Z' }));
      const body = writeXml('ListAllMyBucketsResult', {
        Owner: { ID: buckets.accountId },
        Buckets: { Bucket: listed },
      });
      return completed({ status: 200, headers: { 'content-type': 'application/xml' }, body }, request, undefined);
    },
  };
}

/** S3 user guide, "Condition keys": what every request says about itself. */
function contextOf({ headers, streamed }: AwsRequest, { accountId }: Buckets): Readonly<Record<string, string>> {
  const presigned = streamed?.presigned === true;
  const none = headers['if-none-match'];
  return {
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:authType': presigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
    's3:ResourceAccount': accountId,
    // Loopback takes the place of TLS, here as for aws:SecureTransport.
    's3:TlsVersion': '1.3',
    'aws:SourceIp': '127.0.0.1',
    ...(none === undefined ? {} : { 's3:if-none-match': none }),
  };
}

/** Nobody without a key is served, but a browser hears whether its page may send what is signed. */
function understandUnsigned(request: ArrivedRequest, buckets: Buckets): AwsOperation | undefined {
  const [, name = ''] = request.path.split('/');
  const bucket = buckets.find(name);
  if (bucket === undefined) return undefined;
  const denied = () => refusal(s3Error('AccessDenied'), request, buckets);
  const preflight = request.method === 'OPTIONS';
  return {
    name: preflight ? 'Preflight' : 'Anonymous',
    permissions: [],
    run: preflight ? () => preflightAnswer(request, bucket, buckets) : denied,
  };
}

function preflightAnswer(request: ArrivedRequest, bucket: Bucket, buckets: Buckets): AwsResponse {
  const { origin, 'access-control-request-method': method } = request.headers;
  const asked = request.headers['access-control-request-headers']?.toLowerCase().split(',') ?? [];
  const headers = asked.map((header) => header.trim()).filter((header) => header !== '');
  const admitted =
    origin === undefined || method === undefined
      ? undefined
      : corsHeaders(bucket.settings.cors, { origin, method, headers });
  if (admitted !== undefined) return { status: 200, headers: { ...idHeader(request), ...admitted } };
  return refusal(s3Error('AccessForbidden'), request, buckets);
}

function completed(answer: AwsResponse, request: ArrivedRequest, bucket: Bucket | undefined): AwsResponse {
  return { ...answer, headers: { ...idHeader(request), ...crossOrigin(request, bucket), ...answer.headers } };
}

function refusal(error: AwsError, request: ArrivedRequest, buckets: Buckets): AwsResponse {
  const { method, path, requestId } = request;
  const code = s3ErrorCode(error);
  const { ETag, ...details } = error.details;
  const elements = Object.entries(details).map(([name, value]): [string, string] => [name, String(value)]);
  const [, name = ''] = path.split('/');
  const headers = {
    ...idHeader(request),
    ...crossOrigin(request, buckets.find(name)),
    ...(error.status === 304 && typeof ETag === 'string' && { etag: ETag }),
  };
  if (method === 'HEAD' || error.status === 304) return { status: error.status, headers };
  const told = { Code: code, Message: error.message, ...Object.fromEntries(elements) };
  const body = writeXml('Error', { ...told, Resource: path, RequestId: requestId, HostId: 'local' }, false);
  return { status: error.status, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

function crossOrigin({ headers, method }: ArrivedRequest, bucket: Bucket | undefined): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined || bucket === undefined) return {};
  return corsHeaders(bucket.settings.cors, { origin, method, headers: [] }) ?? {};
}

function idHeader({ requestId }: ArrivedRequest): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': 'local' };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}
