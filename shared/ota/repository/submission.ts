import * as z from 'zod/mini';
import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { RefusedUpdate } from '../uptane/attack.ts';
import type { Cryptography, Signature } from '../uptane/key.ts';
import type { ReadKey, ReadRole } from '../uptane/key-reader.ts';
import type { ReadFile, ReadSignature } from '../uptane/metadata-reader.ts';
import { fileText } from '../uptane/signing.ts';
import { isBy } from '../uptane/threshold.ts';

/** Some keys, of which so many have to sign. For a Root there are two: those of the Root before it, and its own. */
export interface Authority extends ReadRole {
  readonly keys: ReadonlyMap<string, ReadKey>;
}

export interface Dated {
  readonly version: number;
  readonly expiresAt: Instant;
}

/** Signed metadata that somebody sent, with what others signed of the very same before. */
export interface Collected<Content> {
  readonly file: ReadFile<Content>;
  /** With every valid signature, and no other. */
  readonly text: string;
  readonly signedBy: readonly string[];
  /** Signatures that are still needed. */
  readonly missing: number;
}

const anyFile = z.object({
  signatures: z.array(z.object({ keyid: z.string(), method: z.optional(z.string()), sig: z.string() })),
  signed: z.unknown(),
});

/** @throws Failure `malformed-metadata` */
export function readMetadata<Content>(read: (text: string) => ReadFile<Content>, text: string): ReadFile<Content> {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof RefusedUpdate)) throw error;
    throw new Failure('invalid', 'malformed-metadata', `This is no such metadata: ${error.detail}.`);
  }
}

/**
 * Puts the signatures together. One that its key has not made, or that nobody asked for, is named: whoever signs wants to
 * know it now, and not from a vehicle.
 *
 * @param before the same version as it is pending; another content is a conflict
 * @throws Failure `metadata-unsigned`, `other-version-pending`
 */
export function collected<Content extends Dated>(
  text: string,
  read: (text: string) => ReadFile<Content>,
  authorities: readonly Authority[],
  before: string | undefined,
  cryptography: Cryptography,
): Collected<Content> {
  const sent = readMetadata(read, text);
  requireValid(sent, authorities, cryptography);
  const pending = before === undefined ? undefined : read(before);
  if (pending !== undefined && !isSame(pending.signedBytes, sent.signedBytes))
    throw otherVersionPending(pending.content.version);
  const signatures = new Map([...(pending?.signatures ?? []), ...sent.signatures].map((one) => [one.keyid, one]));
  const whole = withSignatures(text, [...signatures.values()]);
  const file = readMetadata(read, whole);
  const missing = Math.max(...authorities.map((authority) => lacking(file, authority, cryptography)));
  return { file, text: whole, signedBy: [...signatures.keys()], missing };
}

function requireValid(file: ReadFile<unknown>, authorities: readonly Authority[], cryptography: Cryptography): void {
  if (file.signatures.length === 0) throw unsigned('It has no signature.', []);
  const wrong = file.signatures.filter((signature) => {
    const keys = authorities.flatMap(({ keyids, keys: known }) =>
      keyids.includes(signature.keyid) ? (known.get(signature.keyid) ?? []) : [],
    );
    return !keys.some((key) => isBy(key, signature, file.signedBytes, cryptography));
  });
  if (wrong.length > 0) throw unsigned('A signature is not one that counts for this role.', wrong);
}

function unsigned(detail: string, wrong: readonly ReadSignature[]): Failure {
  return new Failure('unacceptable', 'metadata-unsigned', detail, {
    errors: wrong.map(({ keyid }) => ({ pointer: '/text', detail: `key ${keyid} has not signed this, or may not` })),
    resolution: 'Sign the canonical form of `signed` with the keys that Root, or the delegation, lists for the role.',
  });
}

function otherVersionPending(version: number): Failure {
  return new Failure('conflict', 'other-version-pending', `Another content of version ${version} is being signed.`, {
    resolution: 'Sign that one, or drop it first with DELETE …/pending.',
  });
}

/** A key counts once, under however many ids it is listed. */
function lacking(file: ReadFile<unknown>, { keyids, threshold, keys }: Authority, cryptography: Cryptography): number {
  const counted = new Set<string>();
  for (const signature of file.signatures) {
    const key = keyids.includes(signature.keyid) ? keys.get(signature.keyid) : undefined;
    if (key !== undefined && isBy(key, signature, file.signedBytes, cryptography)) counted.add(key.public);
  }
  return Math.max(0, threshold - counted.size);
}

/** The content stays as it was sent, member by member. */
function withSignatures(text: string, signatures: readonly ReadSignature[]): string {
  const { signed } = anyFile.parse(JSON.parse(text));
  return fileText({ signed, signatures: signatures.map(signatureOf) });
}

function signatureOf({ keyid, method, sig }: ReadSignature): Signature {
  if (method === 'ed25519' || method === 'rsassa-pss-sha256' || method === 'rsassa-pss-sha512')
    return { keyid, method, sig };
  throw new Failure('invalid', 'malformed-metadata', `The signature of ${keyid} does not say its method.`);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
