import { createPrivateKey, type webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The algorithm of the authority's own keys: small, fast to make, understood by every TLS stack of a device. */
export const ownKey = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate and its private key as two PEM files. */
export interface StoredIdentity {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export function readIdentity(directory: string, name: string): StoredIdentity | undefined {
  const { certificate, key } = filesOf(directory, name);
  if (!existsSync(certificate) || !existsSync(key)) return undefined;
  return { certificatePem: readFileSync(certificate, 'utf8'), privateKeyPem: readFileSync(key, 'utf8') };
}

/** The key is written first, so that a certificate on disk always has its key. */
export function writeIdentity(directory: string, name: string, identity: StoredIdentity): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { certificate, key } = filesOf(directory, name);
  replaceFile(key, identity.privateKeyPem, 0o600);
  replaceFile(certificate, identity.certificatePem, 0o644);
}

export function filesOf(directory: string, name: string): { readonly certificate: string; readonly key: string } {
  return { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key.pem`) };
}

function replaceFile(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

export async function newKeys(crypto: webcrypto.Crypto): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ownKey, true, ['sign', 'verify']);
}

export async function privateKeyPemOf(key: webcrypto.CryptoKey, crypto: webcrypto.Crypto): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

export async function signingKeyOf(pem: string, crypto: webcrypto.Crypto): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', der, ownKey, false, ['sign']);
}
