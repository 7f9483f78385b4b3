import { canonicalize } from '@tufjs/canonical-json';

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * What a signature is over: sorted keys, no white space, integers only (OLPC canonical JSON, UTF-8).
 *
 * @throws TypeError on what has no such form: a fraction, undefined
 */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalize(value));
}

/**
 * Each form that somebody's signature may be over: OLPC leaves control characters as they are, others (aktualizr,
 * OTA Community Edition) write them as JSON does, which a PEM key in a Root brings to light. No two values share a
 * form: a backslash that OLPC writes is one of a pair or stands before a quote.
 *
 * @throws TypeError on what has no such form
 */
export function canonicalForms(value: unknown): readonly [Uint8Array, ...Uint8Array[]] {
  const olpc = canonicalize(value);
  const json = JSON.stringify(value, (_key, member: unknown) => sorted(member));
  return json === olpc ? [utf8(olpc)] : [utf8(olpc), utf8(json)];
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of a signature, whichever of the two published encodings it has; undefined where it is neither. */
export function signatureBytes(text: string): Uint8Array | undefined {
  // A base64 text of 64 or more bytes that has hex digits only does not occur: (22/64)^86.
  if (/^([0-9a-f]{2})+$/i.test(text)) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
