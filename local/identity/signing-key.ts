import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { rsaKey } from '#local/rsa-keys.ts';
import type { Collection } from '#local/state/collection.ts';

/** What a pool signs its tokens with. It outlives restarts, so that tokens do. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public half as it stands in `jwks.json`. */
  readonly jwk: Readonly<Record<string, string>>;
}

/** Makes the key at the first start. */
export async function signingKey(keys: Collection<string>, poolId: string): Promise<SigningKey> {
  const kept = keys.get(poolId);
  if (kept !== undefined) return keyOf(createPrivateKey(kept));
  const privateKey = rsaKey(`pool ${poolId}`);
  keys.set(poolId, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return keyOf(privateKey);
}

function keyOf(privateKey: KeyObject): SigningKey {
  const { n = '', e = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = createHash('sha256').update(n).digest('base64');
  return { kid, privateKey, jwk: { alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' } };
}
