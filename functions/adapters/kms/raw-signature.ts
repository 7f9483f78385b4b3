const marks = { sequence: 0x30, integer: 0x02 };
const half = 32;

/**
 * An ES256 signature as COSE and JOSE have it (RFC 9053, section 2.1: r and s, 32 bytes each), of the one that KMS answers
 * with (RFC 3279, section 2.2.3: a DER SEQUENCE of two INTEGERs, without leading zeros except a sign's).
 */
export function rawSignature(der: Uint8Array): Uint8Array {
  const [, content] = element(der, 0, marks.sequence);
  const [afterR, r] = element(content, 0, marks.integer);
  const [end, s] = element(content, afterR, marks.integer);
  if (end !== content.length) throw new Error('KMS answered with a signature of more than two numbers.');
  const raw = new Uint8Array(2 * half);
  for (const [place, number] of [r, s].entries()) raw.set(number, (place + 1) * half - number.length);
  return raw;
}

/** Where the next element begins, and what is in this one: at most 127 bytes, or a number of at most 32. */
function element(bytes: Uint8Array, from: number, mark: number): readonly [number, Uint8Array] {
  const length = bytes[from + 1] ?? 0;
  const end = from + 2 + length;
  if (bytes[from] !== mark || length > 127 || end > bytes.length) {
    throw new Error('KMS answered with what is no ECDSA signature.');
  }
  const content = bytes.subarray(from + 2, end);
  if (mark === marks.sequence) return [end, content];
  const number = content[0] === 0 ? content.subarray(1) : content;
  if (number.length > half) throw new Error('KMS answered with a signature of another curve.');
  return [end, number];
}
