import { s3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * RFC 9110, section 13.2.2: entity tags speak before dates.
 *
 * @throws AwsError PreconditionFailed, NotModified
 */
export function checkReadConditions(headers: Headers, { etag, lastModified }: StoredObject): void {
  const ifMatch = headers['if-match'];
  const unmodifiedSince = dateOf(headers['if-unmodified-since']);
  if (ifMatch === undefined ? lastModified > (unmodifiedSince ?? Number.POSITIVE_INFINITY) : !matches(ifMatch, etag)) {
    throw failed(ifMatch === undefined ? 'If-Unmodified-Since' : 'If-Match');
  }
  const ifNoneMatch = headers['if-none-match'];
  const modifiedSince = dateOf(headers['if-modified-since']);
  const same = ifNoneMatch === undefined ? lastModified <= (modifiedSince ?? -1) : matches(ifNoneMatch, etag);
  if (same) throw s3Error('NotModified', undefined, { ETag: `"${etag}"` });
}

/** @throws AwsError PreconditionFailed, NoSuchKey; NotImplemented as S3 says it for another If-None-Match than `*` */
export function checkWriteConditions(headers: Headers, present: StoredObject | undefined): void {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw s3Error('InvalidArgument', 'A write takes If-None-Match only with the value *.');
  }
  if (ifNoneMatch !== undefined && present !== undefined) throw failed('If-None-Match');
  if (ifMatch === undefined) return;
  if (present === undefined) throw s3Error('NoSuchKey');
  if (!matches(ifMatch, present.etag)) throw failed('If-Match');
}

/** The conditions under which CopyObject reads its source. */
export function checkCopyConditions(headers: Headers, source: StoredObject): void {
  const names = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
  const renamed = Object.fromEntries(names.map((name) => [name, headers[`x-amz-copy-source-${name}`]]));
  try {
    checkReadConditions(renamed, source);
  } catch {
    throw failed('x-amz-copy-source');
  }
}

export interface ByteRange {
  readonly start: number;
  /** Not included. */
  readonly end: number;
}

/**
 * The one range that is asked for. Undefined means the whole object: that is what S3 sends for several ranges, or
 * for what is not a range.
 *
 * @throws AwsError InvalidRange
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (start < end) return { start, end };
  throw s3Error('InvalidRange', undefined, { RangeRequested: header ?? '', ActualObjectSize: size });
}

function failed(Condition: string) {
  return s3Error('PreconditionFailed', undefined, { Condition });
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some((one) => {
    const wanted = one.trim().replace(/^W\//, '');
    return wanted === '*' || wanted === etag || wanted === `"${etag}"`;
  });
}

function dateOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
