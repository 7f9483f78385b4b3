import { AwsError } from '#local/aws-error.ts';

/** The parts of an HTTP request that Signature Version 4 covers. `path` and `query` as they came over the wire. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What the caller says about itself. Nothing of it is proven before `verify`. */
export interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261121T101500Z` */
  readonly timestamp: string;
  /** Present for a presigned URL: how long it lives. */
  readonly expiresSeconds: number | undefined;
}

const algorithm = 'AWS4-HMAC-SHA256';
/** AWS allows a presigned URL a week. */
const longestPresignedSeconds = 604_800;
/** The address of a WebSocket that does not say how long it lives, as any signature does. */
const webSocketSeconds = 15 * 60;

/** Reads the `Authorization` header, or the query of a presigned URL. */
export function readClaim(request: Pick<SignedRequest, 'headers' | 'query'>): Claim {
  const authorization = request.headers['authorization'];
  if (authorization !== undefined) return fromHeader(authorization, request.headers['x-amz-date']);
  const query = new Map(queryPairs(request.query));
  if (query.get('X-Amz-Algorithm') === algorithm) return fromQuery(query);
  throw new AwsError('MissingAuthenticationTokenException', 403, 'Missing Authentication Token');
}

function fromHeader(authorization: string, timestamp: string | undefined): Claim {
  const [scheme, ...rest] = authorization.split(' ');
  if (scheme !== algorithm) throw incomplete(`Unsupported authorization scheme "${scheme}", expected ${algorithm}.`);
  const parts = new Map<string, string>();
  for (const part of rest.join(' ').split(',')) {
    const at = part.indexOf('=');
    parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return claim(parts.get('Credential'), parts.get('SignedHeaders'), parts.get('Signature'), timestamp, undefined);
}

function fromQuery(query: ReadonlyMap<string, string>): Claim {
  const credential = query.get('X-Amz-Credential');
  const expires = query.get('X-Amz-Expires');
  const seconds = expires === undefined && isWebSocket(credential) ? webSocketSeconds : Number(expires);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestPresignedSeconds) {
    throw incomplete(`X-Amz-Expires must be between 1 and ${longestPresignedSeconds} seconds.`);
  }
  return claim(
    credential,
    query.get('X-Amz-SignedHeaders'),
    query.get('X-Amz-Signature'),
    query.get('X-Amz-Date'),
    seconds,
  );
}

/** The device SDKs do not say how long the address of a WebSocket lives: it is used at once. */
function isWebSocket(credential: string | undefined): boolean {
  return credential?.split('/')[3] === 'iotdevicegateway';
}

function claim(
  credential: string | undefined,
  signedHeaders: string | undefined,
  signature: string | undefined,
  timestamp: string | undefined,
  expiresSeconds: number | undefined,
): Claim {
  const [accessKeyId, date, region, service, terminator] = (credential ?? '').split('/');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request') {
    throw incomplete('The credential must have the form <access key>/<date>/<region>/<service>/aws4_request.');
  }
  if (!signedHeaders || !signature) throw incomplete('SignedHeaders and Signature are required.');
  if (timestamp === undefined || !/^\d{8}T\d{6}Z$/.test(timestamp) || !timestamp.startsWith(date)) {
    throw incomplete('X-Amz-Date is required, as 20261121T101500Z, on the day of the credential scope.');
  }
  const headers = signedHeaders.split(';');
  if (!headers.includes('host')) throw incomplete('The Host header must be signed.');
  return { accessKeyId, date, region, service, signedHeaders: headers, signature, timestamp, expiresSeconds };
}

/** `+` stays a plus: SigV4 encodes a blank as %20. */
export function queryPairs(query: string): [string, string][] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw incomplete(`The URL holds a broken percent-encoding: "${text}".`);
  }
}

export function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', 403, message);
}
