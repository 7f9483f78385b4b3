import { RefusedUpdate } from './attack.ts';
import { signatureBytes } from './canonical.ts';
import type { Cryptography } from './key.ts';
import { agreedScheme, type ReadKey, type ReadRole } from './key-reader.ts';
import type { ReadFile, ReadSignature } from './metadata-reader.ts';

/** Refuses what fewer keys than the threshold have signed. @throws RefusedUpdate `arbitrary-software` */
export function requireThreshold(
  file: ReadFile<unknown>,
  role: ReadRole | undefined,
  keys: ReadonlyMap<string, ReadKey>,
  name: string,
  cryptography: Cryptography,
): void {
  requireOneEach(file, name);
  if (role === undefined) throw new RefusedUpdate('arbitrary-software', `nobody has the right to sign ${name}`);
  const signed = signers(file, role, keys, cryptography);
  if (signed >= role.threshold) return;
  const detail = `${name} is signed by ${signed} of ${role.threshold} keys that have to`;
  throw new RefusedUpdate('arbitrary-software', detail);
}

/** TUF 1.0.34, 4.2.1: a key id stands once among the signatures; twice is an attempt to look like two. */
function requireOneEach({ signatures }: ReadFile<unknown>, name: string): void {
  if (new Set(signatures.map(({ keyid }) => keyid)).size === signatures.length) return;
  throw new RefusedUpdate('arbitrary-software', `${name} is signed by the same key twice`);
}

/** A key counts once, however many signatures it gave and under however many ids it is listed. */
function signers(
  file: ReadFile<unknown>,
  role: ReadRole,
  keys: ReadonlyMap<string, ReadKey>,
  cryptography: Cryptography,
): number {
  const allowed = new Set(role.keyids);
  const counted = new Set<string>();
  for (const signature of file.signatures) {
    const key = allowed.has(signature.keyid) ? keys.get(signature.keyid) : undefined;
    if (key === undefined || counted.has(identity(key))) continue;
    if (file.signedForms.some((form) => isBy(key, signature, form, cryptography))) counted.add(identity(key));
  }
  return counted.size;
}

export function isBy(key: ReadKey, signature: ReadSignature, bytes: Uint8Array, cryptography: Cryptography): boolean {
  const scheme = agreedScheme(key, signature.method);
  const made = signatureBytes(signature.sig);
  if (scheme === undefined || made === undefined) return false;
  return cryptography.verify({ keytype: key.keytype, scheme, keyval: { public: key.public } }, bytes, made);
}

function identity(key: ReadKey): string {
  return key.public.startsWith('-----') ? key.public.replace(/\s/g, '') : key.public.toLowerCase();
}
