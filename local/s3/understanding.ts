import type { AwsRequest } from '#local/gateway/service.ts';
import type { S3Operation } from './operation.ts';
import { notImplemented, s3Error } from './s3-error.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** They belong to the signature, or tell statistics. */
const ownParameters = new Set([
  ...['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders'],
  ...['X-Amz-Signature', 'X-Amz-Content-Sha256', 'X-Amz-Security-Token', 'X-Amz-User-Agent', 'x-id'],
]);
const ownHeaders = new Set([
  ...['x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token', 'x-amz-user-agent', 'x-amz-te'],
  ...['x-amz-expected-bucket-owner', 'x-amz-request-payer'],
]);

/** A presigned URL carries `x-amz-*` headers in its query; they count as if they had been sent. */
export function effectiveHeaders({ headers, query, streamed }: AwsRequest): Headers {
  if (streamed?.presigned !== true) return headers;
  const carried: Record<string, string> = {};
  for (const [name, value] of query) {
    if (name.startsWith('x-amz-') || name === 'X-Amz-Content-Sha256') carried[name.toLowerCase()] = value;
  }
  return { ...headers, ...carried };
}

/**
 * The operation that a request names with its method, its level and its parameters.
 *
 * @throws AwsError NotImplemented
 */
export function choose(
  operations: readonly S3Operation[],
  { method, query }: AwsRequest,
  key: string,
  headers: Headers,
): S3Operation {
  const level = key === '' ? 'bucket' : 'object';
  const weight = ({ markers = [], markingHeader }: S3Operation) => markers.length + (markingHeader ? 1 : 0);
  const fitting = operations.filter(
    (one) =>
      one.method === method &&
      one.level === level &&
      (one.markers ?? []).every((name) => query.has(name)) &&
      (one.markingHeader === undefined || headers[one.markingHeader] !== undefined),
  );
  const [found] = fitting.sort((a, b) => weight(b) - weight(a));
  if (found !== undefined) return found;
  const names = [...query.keys()].filter((name) => !ownParameters.has(name));
  throw notImplemented(`${method} on a${level === 'object' ? 'n' : ''} ${level} with ?${names.join('&')}`);
}

/**
 * Nothing that a caller says may go unheard.
 *
 * @throws AwsError NotImplemented naming the parameter or header; AccessDenied for one that nobody signed
 */
export function checkUnderstood(operation: S3Operation, request: AwsRequest, headers: Headers): void {
  checkSigned(request);
  const parameters = new Set([...(operation.markers ?? []), ...(operation.parameters ?? [])]);
  for (const name of request.query.keys()) {
    const carried = request.streamed?.presigned === true && name.startsWith('x-amz-');
    if (!parameters.has(name) && !ownParameters.has(name) && !carried) {
      throw notImplemented(`the parameter ${name} of ${operation.name}`);
    }
  }
  const known = [...(operation.headers ?? []), operation.markingHeader];
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-') || value === undefined || ownHeaders.has(name)) continue;
    const understood = known.some((one) => one === name || (one?.endsWith('*') && name.startsWith(one.slice(0, -1))));
    if (!understood) throw notImplemented(`the header ${name} of ${operation.name}`);
  }
}

function checkSigned({ headers, streamed }: AwsRequest): void {
  const signed = new Set(streamed?.signedHeaders);
  // What covers the body is part of the signature itself.
  const free = new Set(['x-amz-content-sha256', 'x-amz-user-agent', 'x-amz-te']);
  const unsigned = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && !signed.has(name) && !free.has(name),
  );
  if (unsigned.length === 0) return;
  const message = 'There were headers present in the request which were not signed';
  throw s3Error('AccessDenied', message, { HeadersNotSigned: unsigned.join(', ') });
}
