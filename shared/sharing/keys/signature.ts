/** Who signs: in a cloud's key store, in a vehicle's or a phone's secure element, or in memory. */
export interface KeySigner {
  /** The key's short name, at most 32 bytes as UTF-8. */
  readonly kid: string;
  /** ES256 (RFC 7518 §3.4): r and s, 32 bytes each. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/**
 * Whether the signature (r and s, 32 bytes each) over the bytes is that of the key (P-256, SPKI). False, never an error,
 * for a key that is none.
 */
export type Verify = (spki: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean;

const coordinate = 32;

/** ASN.1's way of the same signature, which key stores answer with (RFC 3279 §2.2.3). @throws RangeError */
export function rawSignature(der: Uint8Array): Uint8Array {
  const [sequence, length = 0, ...rest] = der;
  if (sequence !== 0x30 || length !== rest.length) throw new RangeError('This is no ECDSA signature in DER');
  const [r, afterR] = integerOf(rest);
  const [s, afterS] = integerOf(afterR);
  if (afterS.length > 0) throw new RangeError('Something follows the ECDSA signature');
  return Uint8Array.from([...r, ...s]);
}

function integerOf([tag, length = 0, ...rest]: readonly number[]): [number[], number[]] {
  const digits = rest.slice(0, length);
  // A leading zero keeps the number positive.
  const value = digits.slice(digits.findIndex((digit) => digit !== 0));
  if (tag !== 0x02 || digits.length !== length || value.length > coordinate) {
    throw new RangeError('This is no ECDSA signature of P-256');
  }
  return [[...new Array<number>(coordinate - value.length).fill(0), ...value], rest.slice(length)];
}
