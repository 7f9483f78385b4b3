import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { KeySigner } from '#shared/sharing/keys/key-signer.ts';
import type { Verify } from '#shared/sharing/keys/signature.ts';

const dsaEncoding = 'ieee-p1363';

/** A key whose private half is in memory: where there is a secure element, another `KeySigner` stands before it. */
export interface P256Signer extends KeySigner {
  /** SPKI, DER. */
  readonly spki: Uint8Array;
}

/** @param privateKey PEM, or as Node has it; P-256 */
export function p256Signer(privateKey: string | KeyObject): P256Signer {
  const key = typeof privateKey === 'string' ? createPrivateKey(privateKey) : privateKey;
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { spki, kid: kidOf(spki), sign: async (bytes) => sign('sha256', bytes, { key, dsaEncoding }) };
}

export function newP256Key(): { readonly privateKeyPem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

export const verifyP256: Verify = (spki, bytes, signature) => {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return isP256(key) && verify('sha256', bytes, { key, dsaEncoding }, signature);
  } catch {
    return false;
  }
};

/** What a key is called: as short as telling a vehicle's few keys apart allows. */
function kidOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest().subarray(0, 8).toString('base64url');
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}
