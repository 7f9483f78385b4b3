import type { Iam } from '#local/iam/iam.ts';
import { objectArn } from '#local/s3/bucket-arn.ts';
import type { Buckets } from '#local/s3/buckets.ts';
import { type ByteRange, checkReadConditions, readRange } from '#local/s3/preconditions.ts';
import { descriptionHeaders } from '#local/s3/stored-object.ts';
import type { Behaviour } from './distribution.ts';
import { EdgeCache, type KeptObject, lifetime } from './edge-cache.ts';
import { edgeError } from './edge-error.ts';

export interface OriginOptions {
  readonly buckets: Buckets;
  readonly iam: Iam;
  readonly now: () => number;
}

export interface Fetch {
  readonly behaviour: Behaviour;
  readonly distributionArn: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface EdgeAnswer {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
  readonly bytes: () => AsyncIterable<Buffer> | Iterable<Buffer>;
  /** All of it, where it may be compressed: what the behaviour has compressed, and is small enough to be kept. */
  readonly whole?: Buffer;
}

/** Larger ones go through: what is large here never changes under its name. */
const largestKept = 1024 * 1024;

/** What the edge has, or reads in the bucket by the right that the bucket's policy gives its distribution. */
export class Origin {
  readonly #options: OriginOptions;
  readonly #cache = new EdgeCache();

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** @throws AwsError AccessDenied, NotModified, PreconditionFailed, InvalidRange */
  async read(fetch: Fetch): Promise<EdgeAnswer> {
    const name = `${fetch.behaviour.bucket}/${fetch.key}`;
    const kept = this.#cache.get(name, this.#options.now());
    if (kept !== undefined) return fromCache(kept, fetch, this.#options.now());
    const object = this.#object(fetch);
    const { etag, lastModified, size, segments } = object;
    const headers = {
      ...descriptionHeaders(object),
      etag: `"${etag}"`,
      'last-modified': new Date(lastModified).toUTCString(),
    };
    const blobs = this.#options.buckets.find(fetch.behaviour.bucket)?.blobs;
    if (blobs === undefined) throw denied();
    if (size <= largestKept) {
      const chunks: Buffer[] = [];
      for await (const chunk of blobs.read(segments, 0, size)) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const fetchedAt = this.#options.now();
      const until = fetchedAt + lifetime(object.headers['cache-control'], fetch.behaviour.times);
      const fresh = { bytes, headers, etag, lastModified, fetchedAt, until };
      this.#cache.keep(name, fresh);
      return answered(fresh, fetch, 'Miss from cloudfront', bytes.length, (range) => [
        bytes.subarray(range.start, range.end),
      ]);
    }
    return answered({ headers, etag, lastModified }, fetch, 'Miss from cloudfront', size, (range) =>
      blobs.read(segments, range.start, range.end),
    );
  }

  #object({ behaviour, distributionArn, key }: Fetch) {
    const { buckets, iam } = this.#options;
    const context = { 'AWS:SourceArn': distributionArn, 'aws:SourceArn': distributionArn };
    iam.authorizeService('cloudfront.amazonaws.com', {
      action: 's3:GetObject',
      resource: objectArn(behaviour.bucket, key),
      context,
    });
    const object = buckets.find(behaviour.bucket)?.find(key);
    // Who may not list a bucket does not learn that an object is missing.
    if (object === undefined) throw denied();
    return object;
  }
}

function fromCache(kept: KeptObject, fetch: Fetch, now: number): EdgeAnswer {
  const answer = answered(kept, fetch, 'Hit from cloudfront', kept.bytes.length, (range) => [
    kept.bytes.subarray(range.start, range.end),
  ]);
  return { ...answer, headers: { ...answer.headers, age: String(Math.floor((now - kept.fetchedAt) / 1000)) } };
}

function answered(
  object: Pick<KeptObject, 'headers' | 'etag' | 'lastModified'> & { readonly bytes?: Buffer },
  { behaviour: { compresses, sharesWithOrigins }, headers: asked }: Fetch,
  xCache: string,
  size: number,
  bytes: (range: ByteRange) => AsyncIterable<Buffer> | Iterable<Buffer>,
): EdgeAnswer {
  const { etag, lastModified } = object;
  checkReadConditions(asked, { ...object, size, sequencer: '', segments: [], metadata: {}, etag, lastModified });
  const range = stillTheSame(asked['if-range'], etag, lastModified) ? readRange(asked['range'], size) : undefined;
  const { start, end } = range ?? { start: 0, end: size };
  return {
    ...(compresses && range === undefined && object.bytes !== undefined && { whole: object.bytes }),
    status: range === undefined ? 200 : 206,
    length: end - start,
    bytes: () => bytes({ start, end }),
    headers: {
      ...object.headers,
      ...{ 'content-length': String(end - start), 'accept-ranges': 'bytes', 'x-cache': xCache },
      ...(range !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
      ...(sharesWithOrigins && { 'access-control-allow-origin': '*' }),
    },
  };
}

/** RFC 9110, section 13.1.5: a range of something else than the reader has begun with would be worthless. */
function stillTheSame(ifRange: string | undefined, etag: string, lastModified: number): boolean {
  if (ifRange === undefined) return true;
  return ifRange.trim() === `"${etag}"` || Date.parse(ifRange) === lastModified;
}

function denied() {
  return edgeError('AccessDenied', 'Access Denied');
}
