import { randomBytes, randomInt } from 'node:crypto';

/** What an AWS SDK signs with. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A key in AWS's form: `AKIA` and 16 characters; a secret of 40. */
export function newAccessKey(): AccessKey {
  const id = Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') };
}
