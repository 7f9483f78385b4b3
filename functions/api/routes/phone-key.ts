import * as z from 'zod/mini';
import { base64urlBytes } from '#shared/kernel/base64url.ts';
import { isOnCurve, type P256Key, p256KeyOf } from '#shared/sharing/keys/p256-key.ts';
import { as } from '../schemas.ts';

/** The phone's public key, as its operating system exports it. */
export const phoneKeyText = as(
  z.pipe(
    z.string().check(z.refine((text) => keyIn(text) !== undefined, 'is no P-256 key as SPKI in base64url')),
    z.transform((text: string): P256Key => keyIn(text) ?? { x: new Uint8Array(), y: new Uint8Array() }),
  ),
  {
    type: 'string',
    description: 'Public key of the phone: P-256, SPKI (RFC 5480), base64url without padding',
    pattern: '^[A-Za-z0-9_-]{122}$',
  },
);

function keyIn(text: string): P256Key | undefined {
  const bytes = base64urlBytes(text);
  const key = bytes === undefined ? undefined : p256KeyOf(bytes);
  return key !== undefined && isOnCurve(key) ? key : undefined;
}
