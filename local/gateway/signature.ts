import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
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
const toleranceMs = 15 * 60_000;
/** AWS allows a presigned URL a week. */
const longestPresignedSeconds = 604_800;
const unsignedPayload = 'UNSIGNED-PAYLOAD';

/** Reads the `Authorization` header, or the query of a presigned URL. */
export function readClaim(request: SignedRequest): Claim {
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
  const seconds = Number(query.get('X-Amz-Expires'));
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestPresignedSeconds) {
    throw incomplete(`X-Amz-Expires must be between 1 and ${longestPresignedSeconds} seconds.`);
  }
  return claim(
    query.get('X-Amz-Credential'),
    query.get('X-Amz-SignedHeaders'),
    query.get('X-Amz-Signature'),
    query.get('X-Amz-Date'),
    seconds,
  );
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

/** Throws unless the holder of `secretAccessKey` signed exactly this request, at most 15 minutes from `now`. */
export function verifySignature(request: SignedRequest, claimed: Claim, secretAccessKey: string, now: number): void {
  checkTime(claimed, now);
  const canonical = canonicalRequest(request, claimed);
  const scope = `${claimed.date}/${claimed.region}/${claimed.service}/aws4_request`;
  const toSign = `${algorithm}\n${claimed.timestamp}\n${scope}\n${sha256(canonical)}`;
  const expected = createHmac('sha256', signingKey(secretAccessKey, claimed)).update(toSign).digest();
  const given = Buffer.from(claimed.signature, 'hex');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw mismatch('The request signature we calculated does not match the signature you provided.');
}

function checkTime(claimed: Claim, now: number): void {
  const at = Date.parse(claimed.timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at)) throw incomplete(`X-Amz-Date ${claimed.timestamp} is not a date.`);
  const livesMs = claimed.expiresSeconds === undefined ? toleranceMs : claimed.expiresSeconds * 1000;
  if (now - at > livesMs) throw mismatch(`Signature expired: ${claimed.timestamp} is now earlier than allowed.`);
  if (at - now > toleranceMs) throw mismatch(`Signature not yet current: ${claimed.timestamp} is in the future.`);
}

function canonicalRequest(request: SignedRequest, claimed: Claim): string {
  const headers = claimed.signedHeaders.map((name) => {
    const value = request.headers[name];
    if (value === undefined) throw mismatch(`The signed header "${name}" did not arrive.`);
    return `${name}:${value.trim().replace(/\s+/g, ' ')}\n`;
  });
  return [
    request.method,
    canonicalPath(request.path, claimed.service),
    canonicalQuery(request.query),
    headers.join(''),
    claimed.signedHeaders.join(';'),
    payloadHash(request, claimed),
  ].join('\n');
}

/** S3 signs the path as it is; every other service normalises it and encodes it once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

function canonicalQuery(query: string): string {
  return queryPairs(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** By code unit: the encoded text is ASCII. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function payloadHash(request: SignedRequest, claimed: Claim): string {
  const declared = request.headers['x-amz-content-sha256'];
  // Only S3 takes a body that nobody signed; it is told by the header, or by the presigned form.
  if (claimed.service === 's3') {
    if (declared === undefined) return claimed.expiresSeconds === undefined ? sha256(request.body) : unsignedPayload;
    if (declared === unsignedPayload || declared.startsWith('STREAMING-')) return declared;
  }
  const actual = sha256(request.body);
  if (declared !== undefined && declared !== actual) {
    throw mismatch('The x-amz-content-sha256 header does not match the body that arrived.');
  }
  return actual;
}

/** `+` stays a plus: SigV4 encodes a blank as %20. */
function queryPairs(query: string): [string, string][] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw incomplete(`The query holds a broken percent-encoding: "${text}".`);
  }
}

/** RFC 3986: everything except the unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const signingKeys = new Map<string, Buffer>();

/** Derived once a key, day and service: it is four of the six HMACs of a request. */
function signingKey(secretAccessKey: string, { date, region, service }: Claim): Buffer {
  const name = `${secretAccessKey}/${date}/${region}/${service}`;
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  for (const part of [date, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  if (signingKeys.size >= 1000) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', 403, message);
}

function mismatch(message: string): AwsError {
  return new AwsError('SignatureDoesNotMatch', 403, message);
}
