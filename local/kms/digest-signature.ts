import { constants, createHash, type KeyObject, privateEncrypt, randomBytes } from 'node:crypto';
import { ellipticSignature } from './elliptic-signature.ts';
import type { KeySpec } from './signing-keys.ts';

export const signingAlgorithms = [
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

type Hash = 'sha256' | 'sha384' | 'sha512';

export const digestAlgorithms: Readonly<Record<SigningAlgorithm, Hash>> = {
  RSASSA_PSS_SHA_256: 'sha256',
  RSASSA_PSS_SHA_384: 'sha384',
  RSASSA_PSS_SHA_512: 'sha512',
  RSASSA_PKCS1_V1_5_SHA_256: 'sha256',
  RSASSA_PKCS1_V1_5_SHA_384: 'sha384',
  RSASSA_PKCS1_V1_5_SHA_512: 'sha512',
  ECDSA_SHA_256: 'sha256',
};

/** What a key of the spec signs by: KMS developer guide, "Asymmetric key specs". */
export function algorithmsOf(spec: KeySpec): readonly SigningAlgorithm[] {
  return signingAlgorithms.filter((algorithm) => algorithm.startsWith('ECDSA') === spec.startsWith('ECC'));
}

/** RFC 8017, section 9.2, note 1: the DER of a DigestInfo up to the digest. */
const digestInfo: Readonly<Record<Hash, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** Signs a digest that was made elsewhere: Node's own `sign` makes the digest itself. */
export function signatureOf(privateKey: KeyObject, digest: Buffer, algorithm: SigningAlgorithm): Buffer {
  if (algorithm === 'ECDSA_SHA_256') return ellipticSignature(privateKey, digest);
  const hash = digestAlgorithms[algorithm];
  if (algorithm.startsWith('RSASSA_PKCS1')) {
    const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
    return privateEncrypt(key, Buffer.concat([Buffer.from(digestInfo[hash], 'hex'), digest]));
  }
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const encoded = pssEncoded(digest, bits - 1, hash);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded);
}

/** EMSA-PSS-ENCODE of RFC 8017, section 9.1.1, from step 4 on; the salt is as long as the digest, as with KMS. */
function pssEncoded(digest: Buffer, bits: number, hash: Hash): Buffer {
  const length = Math.ceil(bits / 8);
  const salt = randomBytes(digest.length);
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const block = Buffer.alloc(length - h.length - 1);
  block[block.length - salt.length - 1] = 1;
  salt.copy(block, block.length - salt.length);
  const mask = generatedMask(h, block.length, hash);
  const masked = block.map((byte, index) => byte ^ (mask[index] ?? 0));
  // The leftmost bits that the modulus has no room for.
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - bits));
  return Buffer.concat([masked, h, Buffer.from([0xbc])]);
}

/** MGF1 of RFC 8017, appendix B.2.1. */
function generatedMask(seed: Buffer, length: number, hash: Hash): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; blocks.length * seed.length < length; counter += 1) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    blocks.push(createHash(hash).update(seed).update(number).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}
