import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** In PKCS #8, by purpose: a key object belongs to the thread that has it. */
const made = new Map<string, string>();

/**
 * A new private key. To make one costs as much time as half of everything else at the first start of a cloud; clouds
 * that follow one another in a process therefore have the same ones, which protect nothing outside of it.
 *
 * @param purpose each has a key of its own
 */
export function rsaKey(purpose: string, bits = 2048): KeyObject {
  const name = `${bits} ${purpose}`;
  const kept = made.get(name);
  if (kept !== undefined) return createPrivateKey(kept);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  made.set(name, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}
