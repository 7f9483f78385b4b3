import { sameBytes } from './strict-cbor.ts';

/** A public key on P-256: 32 bytes each. */
export interface P256Key {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** RFC 5480: id-ecPublicKey, prime256v1, a bit string of 66 bytes, an uncompressed point. */
const spkiPrefix = Uint8Array.from(
  [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48].concat([
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
  ]),
);

export function spkiOf({ x, y }: P256Key): Uint8Array {
  return Uint8Array.from([...spkiPrefix, ...x, ...y]);
}

/** Undefined where it has not the form of a key of P-256; see `isOnCurve`. */
export function p256KeyOf(spki: Uint8Array): P256Key | undefined {
  const at = spkiPrefix.length;
  if (spki.length !== at + 64 || !sameBytes(spki.subarray(0, at), spkiPrefix)) return undefined;
  return { x: Uint8Array.from(spki.subarray(at, at + 32)), y: Uint8Array.from(spki.subarray(at + 32)) };
}

/** SEC 2, 2.4.2: y² = x³ − 3x + b modulo p. Nobody can sign with a key whose point lies elsewhere. */
export function isOnCurve({ x, y }: P256Key): boolean {
  const [u, v] = [numberOf(x), numberOf(y)];
  return u < prime && v < prime && (v * v - (u * u * u - 3n * u + curveB)) % prime === 0n;
}

const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const curveB = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
