import { createHash, createHmac } from 'node:crypto';
import type { Instant } from '#shared/kernel/clock.ts';

export interface PresignWish {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly region: string;
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
  /** As it is, not encoded. */
  readonly objectKey: string;
  readonly versionId?: string | undefined;
  readonly expiresSeconds: number;
  readonly now: Instant;
}

const algorithm = 'AWS4-HMAC-SHA256';

/** An address under which whoever holds it can get an S3 object for a while, by the permissions of the key. */
export function presignedUrl(wish: PresignWish): string {
  const { endpoint, region, key, expiresSeconds, versionId } = wish;
  const { host } = new URL(endpoint);
  const time = new Date(wish.now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const path = `/${[wish.bucket, ...wish.objectKey.split('/')].map(encode).join('/')}`;
  const query = [
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${key.accessKeyId}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
    ...(versionId === undefined ? [] : [['versionId', versionId]]),
  ]
    .map(([name = '', value = '']) => `${name}=${encode(value)}`)
    .join('&');
  const canonical = ['GET', path, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = [algorithm, time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  let signing: Buffer = Buffer.from(`AWS4${key.secretAccessKey}`);
  for (const part of scope.split('/')) signing = createHmac('sha256', signing).update(part).digest();
  const signature = createHmac('sha256', signing).update(toSign).digest('hex');
  return `${endpoint}${path}?${query}&X-Amz-Signature=${signature}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
