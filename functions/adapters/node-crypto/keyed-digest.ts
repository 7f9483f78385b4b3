import { createHmac } from 'node:crypto';
import type { KeyedDigest } from '#shared/sharing/feeds/public-id.ts';

/** HMAC-SHA-256. */
export function keyedDigest(key: string): KeyedDigest {
  return (text) => createHmac('sha256', key).update(text).digest();
}
