import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Tagged } from 'cborg';

/** The bytes are not what they should be: who they come from does not matter any more. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const options: DecodeOptions = {
  ...{ strict: true, allowIndefinite: false, allowUndefined: false, allowInfinity: false, allowNaN: false },
  ...{ allowBigInt: false, useMaps: true, rejectDuplicateMapKeys: true },
};

/** Core deterministic encoding (RFC 8949 §4.2.1). */
export function cborOf(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}

/**
 * The one value whose deterministic encoding these bytes are: no longer forms, duplicate keys, other orders or trailing
 * bytes. Maps come as `Map`.
 *
 * @param tag that may stand before it and comes as `Tagged`
 * @throws Unreadable
 */
export function readCbor(bytes: Uint8Array, tag?: number): unknown {
  try {
    const value: unknown = decode(bytes, tag === undefined ? options : { ...options, tags: Tagged.preserve(tag) });
    // What the decoder lets pass, e.g. keys in another order, is written differently again.
    if (sameBytes(cborOf(value), bytes)) return value;
  } catch (error) {
    throw new Unreadable('This is not CBOR in its deterministic form.', { cause: error });
  }
  throw new Unreadable('This CBOR is not in its deterministic form.');
}

/** Of what everybody may know: it ends with the first difference. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
