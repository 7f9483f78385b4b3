import { createECDH, type KeyObject, randomBytes } from 'node:crypto';

/** FIPS 186-5, SP 800-186: the order of P-256's base point. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** ECDSA on P-256 over a digest that was made elsewhere (FIPS 186-5, section 6.4.1): Node's own `sign` makes it itself. */
export function ellipticSignature(privateKey: KeyObject, digest: Buffer): Buffer {
  const secret = numberOf(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'));
  for (;;) {
    const nonce = numberOf(randomBytes(32));
    if (nonce === 0n || nonce >= order) continue;
    const r = abscissa(nonce) % order;
    const s = (inverse(nonce) * (numberOf(digest) + r * secret)) % order;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
}

/** Of the nonce's multiple of the base point. */
function abscissa(nonce: bigint): bigint {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(bytesOf(nonce));
  return numberOf(curve.getPublicKey().subarray(1, 33));
}

/** By Fermat: the order is prime. */
function inverse(number: bigint): bigint {
  let result = 1n;
  let base = number;
  for (let exponent = order - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % order;
    base = (base * base) % order;
  }
  return result;
}

function sequence(...elements: readonly Buffer[]): Buffer {
  const content = Buffer.concat(elements);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}

/** DER: no leading zero, except where the first bit would make it negative. */
function integer(number: bigint): Buffer {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const signed = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, signed.length]), signed]);
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
}
