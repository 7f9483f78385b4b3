import { randomBytes } from 'node:crypto';

/** Bytes beyond the last whole multiple of the alphabet are drawn again, so that each sign is as likely. */
export function drawn(length: number, alphabet: string): string {
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
