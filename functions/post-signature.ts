import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * What a device cloud's app signs, and the platform looks at: Standard Webhooks 1.0.0, asymmetric (`v1a`, Ed25519)
 * over `id.timestamp.body`, with the id of the key in a header of our own.
 */
export type PostHeaders = {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
  readonly 'webhook-key': string;
};

export interface PostSigner {
  readonly keyId: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

/** @param id another one with each attempt: the very same signature is taken once */
export function signedPost(body: string, { keyId, privateKey }: PostSigner, id: string, now: number): PostHeaders {
  const timestamp = String(Math.floor(now / 1000));
  const signature = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), privateKey).toString('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1a,${signature}`,
    'webhook-key': keyId,
  };
}

/** Public keys by their ids. */
export type PostKeys = ReadonlyMap<string, KeyObject>;

/**
 * @param text `keyId:base64url(32 bytes)`, comma-separated; two of a home while its key changes. A key id begins with the
 *   home whose key it is, and a dot: no home speaks for another
 * @throws Error naming the entry that is none
 */
export function postKeysIn(text: string): PostKeys {
  const entries = text.split(',').map((entry) => entry.trim());
  return new Map(
    entries
      .filter((entry) => entry !== '')
      .map((entry) => {
        const [, keyId, x] = /^([a-z0-9-]{1,64}\.[A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{43})$/.exec(entry) ?? [];
        if (keyId === undefined || x === undefined) throw new Error(`No key of device events: ${entry.slice(0, 80)}`);
        return [keyId, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })];
      }),
  );
}

/** A timestamp is good for so long before and after, in ms. */
export const signatureLife = 300_000;

export type SignatureJudgement =
  /** `digest` stands for this very signature. */
  | { readonly kind: 'good'; readonly digest: string }
  | { readonly kind: 'invalid'; readonly why: 'headers' | 'key' | 'signature' }
  | { readonly kind: 'expired'; readonly offBy: number };

/** @param body as it came over the wire, before anything of it is read */
export function judgeSignature(
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
  { home, keys, now }: { readonly home: string; readonly keys: PostKeys; readonly now: number },
): SignatureJudgement {
  // No dot in the id and nothing but digits in the timestamp, so that what was signed can be cut in one way only.
  const id = /^[\w-]{1,128}$/.exec(headers['webhook-id'] ?? '')?.[0];
  const timestamp = /^\d{1,12}$/.exec(headers['webhook-timestamp'] ?? '')?.[0];
  const encoded = /^v1a,([A-Za-z0-9+/]{86}==)$/.exec(headers['webhook-signature'] ?? '')?.[1];
  if (id === undefined || timestamp === undefined || encoded === undefined) return { kind: 'invalid', why: 'headers' };
  const keyId = headers['webhook-key'] ?? '';
  const key = keyId.slice(0, keyId.indexOf('.')) === home ? keys.get(keyId) : undefined;
  if (key === undefined) return { kind: 'invalid', why: 'key' };
  const signature = Buffer.from(encoded, 'base64');
  // Nothing secret is compared: the key is public, and so is what it is applied to.
  if (!verify(null, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]), key, signature)) {
    return { kind: 'invalid', why: 'signature' };
  }
  const offBy = now - Number(timestamp) * 1000;
  if (Math.abs(offBy) > signatureLife) return { kind: 'expired', offBy };
  return { kind: 'good', digest: createHash('sha256').update(signature).digest('hex') };
}
