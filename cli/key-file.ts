import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import type { PublicKey, Signer } from '#shared/ota/uptane/key.ts';
import { wrongUse } from './outcome.ts';

export type OfflineKey = Signer & { readonly publicKey: PublicKey };

export const keyTypes = ['ed25519', 'rsa'] as const;

/** PKCS #8 as PEM, for its owner's eyes alone; nothing that is there is overwritten. @returns the key's id */
export function createKeyFile(file: string, type: (typeof keyTypes)[number]): { keyId: string; key: PublicKey } {
  if (existsSync(file)) throw wrongUse(`${file} is there already; a key is never overwritten.`);
  if (!existsSync(dirname(file))) throw wrongUse(`There is no folder ${dirname(file)}.`);
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 3072 }) : generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  const { keyid: keyId, publicKey: key } = signerOf(privateKey);
  return { keyId, key };
}

/** @throws CommandFailure also where others could have read it */
export function readKeyFile(file: string): OfflineKey {
  if (!existsSync(file)) throw wrongUse(`There is no key file ${file}. \`fleetloom keys create ${file}\` makes one.`);
  if ((statSync(file).mode & 0o077) !== 0) {
    throw wrongUse(`Others may read ${file}. Use another key, or \`chmod 600 ${file}\` if nobody has.`);
  }
  try {
    return signerOf(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrongUse(`${file} holds no private key in PEM: ${error instanceof Error ? error.message : error}`);
  }
}
