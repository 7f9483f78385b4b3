import { canonicalBytes, hex, utf8 } from './canonical.ts';
import type { Digests, PublicKey, Signature, Signer } from './key.ts';
import type { FileMeta, SignedFile } from './metadata.ts';

/** The key's name in metadata: SHA-256 of its canonical form, as TUF has it. */
export function keyIdOf(key: PublicKey, digests: Digests): string {
  return digests.digest('sha256', canonicalBytes(key));
}

/**
 * The file's text: this very text is what is stored, sent, hashed and listed in Snapshot and Timestamp.
 *
 * @throws what a signer throws; nothing is half signed
 */
export async function signed<Payload extends { readonly _type: string }>(
  payload: Payload,
  signers: readonly Signer[],
): Promise<string> {
  return fileText({ signatures: await signaturesOver(payload, signers), signed: payload });
}

/** Signatures alone: for key holders who sign the same payload at different places. */
export function signaturesOver(payload: unknown, signers: readonly Signer[]): Promise<Signature[]> {
  const bytes = canonicalBytes(payload);
  return Promise.all(
    signers.map(async (signer) => ({
      keyid: signer.keyid,
      method: signer.scheme,
      sig: hex(await signer.sign(bytes)),
    })),
  );
}

/** A key's later signature replaces its earlier one. */
export function withSignatures<Payload>(
  file: SignedFile<Payload>,
  signatures: readonly Signature[],
): SignedFile<Payload> {
  const replaced = new Set(signatures.map(({ keyid }) => keyid));
  return {
    signed: file.signed,
    signatures: [...file.signatures.filter((it) => !replaced.has(it.keyid)), ...signatures],
  };
}

export function fileText(file: SignedFile<unknown>): string {
  return JSON.stringify(file);
}

/** How Snapshot and Timestamp list a file. */
export function fileMeta(text: string, version: number, digests: Digests): FileMeta {
  const bytes = utf8(text);
  return {
    version,
    length: bytes.length,
    hashes: { sha256: digests.digest('sha256', bytes), sha512: digests.digest('sha512', bytes) },
  };
}
