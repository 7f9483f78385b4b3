import type { AwsRequest, AwsResponse } from '#local/gateway/service.ts';
import type { Permission } from '#local/iam/principal.ts';
import type { Origin } from './announcements.ts';
import type { Bucket } from './bucket.ts';
import { bucketArn, objectArn } from './bucket-arn.ts';
import type { Buckets } from './buckets.ts';
import type { ReceivedBody } from './received-body.ts';
import { s3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';

/** A call of S3 whose bucket exists and whose parameters are all known to its operation. */
export interface S3Call {
  readonly request: AwsRequest;
  readonly buckets: Buckets;
  readonly bucket: Bucket;
  /** Empty for a call to the bucket. */
  readonly key: string;
  /** Those of the request, and those that a presigned query brings along. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** What a policy's conditions may ask about. */
  readonly context: Readonly<Record<string, string>>;
  /** The body on the disk; read once, however often the operation runs. */
  readonly received: () => Promise<ReceivedBody>;
  /** The body as text; read once. */
  readonly document: () => Promise<string>;
}

/** One operation of S3 and everything that it understands; whatever else arrives is refused by name. */
export interface S3Operation {
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly level: 'bucket' | 'object';
  /** Query parameters that tell it from others of the same method. */
  readonly markers?: readonly string[];
  /** A header that does. */
  readonly markingHeader?: string;
  readonly parameters?: readonly string[];
  /** `x-amz-*` headers beside those that every operation knows; with `*` at its end a prefix. */
  readonly headers?: readonly string[];
  permissions(call: S3Call): readonly Permission[];
  run(call: S3Call): AwsResponse | Promise<AwsResponse>;
}

export function onObject(call: S3Call, action: string): Permission {
  return { action: `s3:${action}`, resource: objectArn(call.bucket.name, call.key), context: call.context };
}

export function onBucket(call: S3Call, action: string, bucket = call.bucket.name): Permission {
  return { action: `s3:${action}`, resource: bucketArn(bucket), context: call.context };
}

/**
 * The object, if there is one. Whoever may not list the bucket does not learn that there is none.
 *
 * @throws AwsError NoSuchKey, AccessDenied
 */
export function present(call: S3Call, bucket: Bucket = call.bucket, key: string = call.key): StoredObject {
  const object = bucket.find(key);
  if (object !== undefined) return object;
  call.buckets.access.authorize(call.request.principal, [onBucket(call, 'ListBucket', bucket.name)]);
  throw s3Error('NoSuchKey', undefined, { Key: key });
}

/**
 * The version that `versionId` names, or the present one.
 *
 * @throws AwsError NoSuchVersion, MethodNotAllowed for the mark of a deletion, NoSuchKey, AccessDenied
 */
export function presentVersion(call: S3Call): StoredObject {
  const versionId = call.query.get('versionId');
  if (versionId === null) return present(call);
  const version = call.bucket.version(call.key, versionId);
  if (version === undefined) throw s3Error('NoSuchVersion', undefined, { Key: call.key, VersionId: versionId });
  if (version === 'deleteMarker') throw s3Error('MethodNotAllowed');
  return version;
}

export function originOf({ buckets, request }: S3Call, reason: string): Origin {
  return { requestId: request.requestId, requester: buckets.accountId, sourceAddress: '127.0.0.1', reason };
}

export const xmlType = { 'content-type': 'application/xml' };
