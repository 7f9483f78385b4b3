import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Verify } from '#shared/sharing/keys/signature.ts';

/** ES256 with Node's own cryptography. */
export const verifyP256: Verify = (spki, bytes, signature) => {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return isP256(key) && verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
};

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
