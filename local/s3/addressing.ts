import type { ArrivedRequest } from '#local/gateway/service.ts';
import { s3Error } from './s3-error.ts';

const longestKey = 1024;

/** `/<bucket>/<key>`; SDKs write it so for a host that is an IP address. Either may be empty. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/** @throws AwsError InvalidURI, KeyTooLongError */
export function addressOf({ path }: Pick<ArrivedRequest, 'path'>): Address {
  const [, bucket = '', encoded = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  let key: string;
  try {
    key = decodeURIComponent(encoded);
  } catch {
    throw s3Error('InvalidURI');
  }
  const size = Buffer.byteLength(key);
  if (size > longestKey) throw s3Error('KeyTooLongError', undefined, { Size: size, MaxSizeAllowed: longestKey });
  return { bucket, key };
}
