/** RFC 4648 §6, lower case: opaque identifiers that survive mail, file names and dictation. */
const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 §7, lower case: keeps the order of numbers in the order of strings. */
const sortableAlphabet = '0123456789abcdefghijklmnopqrstuv';

/** @param length of the text; each character takes five bits of `bytes` */
export function base32(bytes: Uint8Array, length: number): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32Alphabet.charAt((buffer >> bits) & 31);
    }
  }
  if (text.length < length) throw new RangeError(`${bytes.length} bytes do not fill ${length} characters`);
  return text.slice(0, length);
}

/** Nine characters hold any instant of the next thousand years, and sort as the instants do. */
export function sortableInstant(at: number): string {
  let text = '';
  for (let rest = at; text.length < 9; rest = Math.floor(rest / 32)) text = sortableAlphabet.charAt(rest % 32) + text;
  return text;
}
