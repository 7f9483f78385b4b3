import { compareKeys, type KeyIndex } from './key-index.ts';
import { s3Error } from './s3-error.ts';

export interface ListingRequest {
  readonly prefix: string;
  /** Keys that share what stands up to it are rolled up into one common prefix. */
  readonly delimiter: string;
  readonly startAfter: string;
  readonly continuation: string | undefined;
  readonly maximum: number;
}

export interface Listing {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Present when there is more. */
  readonly next: string | undefined;
}

/**
 * A page of keys (S3 API reference, ListObjectsV2). Its cost is that of its length, not of the bucket's.
 *
 * @throws AwsError InvalidArgument for a token that no page gave
 */
export function listKeys(
  index: KeyIndex,
  { prefix, delimiter, startAfter, continuation, maximum }: ListingRequest,
): Listing {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  let key = firstKey(index, prefix, startAfter, continuation);
  while (key?.startsWith(prefix) === true) {
    if (keys.length + commonPrefixes.length >= maximum) {
      return { keys, commonPrefixes, next: maximum === 0 ? undefined : last };
    }
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      keys.push(key);
      last = token('key', key);
      key = index.after(key);
    } else {
      const common = key.slice(0, end + delimiter.length);
      // A page that starts in the middle of a common prefix begins with it.
      commonPrefixes.push(common);
      last = token('prefix', common);
      key = index.behind(common);
    }
  }
  return { keys, commonPrefixes, next: undefined };
}

function firstKey(index: KeyIndex, prefix: string, startAfter: string, continuation: string | undefined) {
  if (continuation !== undefined) {
    const [kind, text] = readToken(continuation);
    return kind === 'key' ? index.after(text) : index.behind(text);
  }
  // Keys before the prefix are none of ours.
  return compareKeys(startAfter, prefix) < 0 || startAfter === '' ? index.from(prefix) : index.after(startAfter);
}

function token(kind: 'key' | 'prefix', text: string): string {
  return Buffer.from(`${kind}:${text}`).toString('base64url');
}

function readToken(continuation: string): readonly ['key' | 'prefix', string] {
  const [, kind, text] = /^(key|prefix):(.+)$/s.exec(Buffer.from(continuation, 'base64url').toString()) ?? [];
  if ((kind !== 'key' && kind !== 'prefix') || text === undefined) {
    throw s3Error('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return [kind, text];
}
