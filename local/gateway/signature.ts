import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '#local/aws-error.ts';
import { type Claim, decode, incomplete, queryPairs, type SignedRequest } from './claim.ts';

const algorithm = 'AWS4-HMAC-SHA256';
const toleranceMs = 15 * 60_000;
const unsignedPayload = 'UNSIGNED-PAYLOAD';

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

/**
 * The signature of what follows the head of a request: a chunk of its body, or its trailer (S3 API reference,
 * "Signature calculations for the Authorization header: transferring payload in multiple chunks").
 */
export function followingSignature(
  claimed: Claim,
  secretAccessKey: string,
  kind: 'PAYLOAD' | 'TRAILER',
  previous: string,
  hashes: readonly string[],
): string {
  const scope = `${claimed.date}/${claimed.region}/${claimed.service}/aws4_request`;
  const text = [`${algorithm}-${kind}`, claimed.timestamp, scope, previous, ...hashes].join('\n');
  return createHmac('sha256', signingKey(secretAccessKey, claimed)).update(text).digest('hex');
}

/** ms since the Unix epoch; NaN where it is no date. */
export function signedAt({ timestamp }: Pick<Claim, 'timestamp'>): number {
  return Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function checkTime(claimed: Claim, now: number): void {
  const at = signedAt(claimed);
  if (Number.isNaN(at)) throw incomplete(`X-Amz-Date ${claimed.timestamp} is not a date.`);
  const livesMs = claimed.expiresSeconds === undefined ? toleranceMs : claimed.expiresSeconds * 1000;
  if (claimed.service === 's3') checkS3Time(claimed, now, at, livesMs);
  if (now - at > livesMs) throw mismatch(`Signature expired: ${claimed.timestamp} is now earlier than allowed.`);
  if (at - now > toleranceMs) throw mismatch(`Signature not yet current: ${claimed.timestamp} is in the future.`);
}

/** S3 has errors of its own for what is late, and SDKs set their clock by them. */
function checkS3Time(claimed: Claim, now: number, at: number, livesMs: number): void {
  const ServerTime = new Date(now).toISOString();
  if (claimed.expiresSeconds === undefined) {
    if (Math.abs(now - at) <= livesMs) return;
    const message = 'The difference between the request time and the current time is too large.';
    const details = { RequestTime: claimed.timestamp, ServerTime, MaxAllowedSkewMilliseconds: toleranceMs };
    throw new AwsError('RequestTimeTooSkewed', 403, message, details);
  }
  if (at - now > toleranceMs) throw new AwsError('AccessDenied', 403, 'Request is not yet valid', { ServerTime });
  if (now - at <= livesMs) return;
  const details = {
    'X-Amz-Expires': claimed.expiresSeconds,
    Expires: new Date(at + livesMs).toISOString(),
    ServerTime,
  };
  throw new AwsError('AccessDenied', 403, 'Request has expired', details);
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
    canonicalQuery(request.query, claimed.service),
    headers.join(''),
    claimed.signedHeaders.join(';'),
    payloadHash(request, claimed),
  ].join('\n');
}

/** S3 encodes the path once, however the client had written it; every other service normalises it and encodes it once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') {
    const decoded = path.split('/').map((segment) => decode(segment));
    return decoded.map((segment) => encode(segment)).join('/');
  }
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

/** AWS IoT alone wants the session token of a WebSocket's address added after it was signed. */
function canonicalQuery(query: string, service: string): string {
  const outside = ['X-Amz-Signature', ...(service === 'iotdevicegateway' ? ['X-Amz-Security-Token'] : [])];
  return queryPairs(query)
    .filter(([name]) => !outside.includes(name))
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
  // S3 alone takes a body by what the caller says of it; whoever reads the body compares.
  if (claimed.service === 's3') {
    if (claimed.expiresSeconds === undefined) return declared ?? sha256(request.body);
    return declared ?? new Map(queryPairs(request.query)).get('X-Amz-Content-Sha256') ?? unsignedPayload;
  }
  const actual = sha256(request.body);
  if (declared !== undefined && declared !== actual) {
    throw mismatch('The x-amz-content-sha256 header does not match the body that arrived.');
  }
  return actual;
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

function mismatch(message: string): AwsError {
  return new AwsError('SignatureDoesNotMatch', 403, message);
}
