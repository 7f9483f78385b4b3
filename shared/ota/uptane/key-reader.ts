import * as z from 'zod/mini';
import { type SignatureScheme, signatureSchemes } from './key.ts';

/** A key as published repositories write it: some name its scheme here, some only with each signature. */
export interface ReadKey {
  readonly keytype: 'ed25519' | 'rsa';
  readonly scheme?: SignatureScheme;
  /** Without the white space at its ends. */
  readonly public: string;
}

export interface ReadRole {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

/** A threshold of nought would let everybody in. */
export const roleSchema = z.object({ keyids: z.array(z.string()), threshold: z.int().check(z.positive()) });

/** Hex, by algorithm. */
export const hashesSchema = z
  .record(z.string(), z.string().check(z.regex(/^[0-9a-fA-F]+$/), z.toLowerCase()))
  .check(z.refine((hashes) => 'sha256' in hashes || 'sha512' in hashes, 'has neither sha256 nor sha512'));

const keySchema = z.object({
  keytype: z.string(),
  scheme: z.optional(z.string()),
  keyval: z.object({ public: z.string() }),
});
const keysSchema = z.record(z.string(), z.unknown());

/** Keys of kinds that nobody here can check are left out: they cannot sign, and disturb nothing. */
export function readKeys(value: unknown): ReadonlyMap<string, ReadKey> {
  const keys = new Map<string, ReadKey>();
  for (const [keyid, written] of Object.entries(keysSchema.safeParse(value).data ?? {})) {
    const key = readKey(written);
    if (key !== undefined) keys.set(keyid, key);
  }
  return keys;
}

function readKey(written: unknown): ReadKey | undefined {
  const parsed = keySchema.safeParse(written).data;
  const keytype = parsed?.keytype.toLowerCase();
  if (parsed === undefined || (keytype !== 'ed25519' && keytype !== 'rsa')) return undefined;
  const key = { keytype, public: parsed.keyval.public.trim() } as const;
  if (parsed.scheme === undefined) return key;
  const scheme = schemeOf(parsed.scheme);
  return scheme !== undefined && suits(scheme, keytype) ? { ...key, scheme } : undefined;
}

/** What a signature was made with: what key and signature say, which must not contradict each other. */
export function agreedScheme(key: ReadKey, method: string | undefined): SignatureScheme | undefined {
  const said = method === undefined ? undefined : schemeOf(method);
  if (method !== undefined && said === undefined) return undefined;
  const scheme = key.scheme ?? said ?? (key.keytype === 'ed25519' ? 'ed25519' : 'rsassa-pss-sha256');
  return suits(scheme, key.keytype) && (said === undefined || said === scheme) ? scheme : undefined;
}

function schemeOf(text: string): SignatureScheme | undefined {
  const name = text.toLowerCase();
  if (name === 'rsassa-pss') return 'rsassa-pss-sha256';
  return signatureSchemes.find((scheme) => scheme === name);
}

function suits(scheme: SignatureScheme, keytype: ReadKey['keytype']): boolean {
  return (scheme === 'ed25519') === (keytype === 'ed25519');
}
