import { Tagged } from 'cborg';
import { Fields } from './fields.ts';
import type { KeySigner } from './key-signer.ts';
import type { Verify } from './signature.ts';
import { cborOf, readCbor, Unreadable } from './strict-cbor.ts';

/** COSE_Sign1 (RFC 9052 §4.2). */
const tag = 18;
const es256 = -7;
const header = { algorithm: 1, keyId: 4, type: 16 } as const;
/** r and s. */
const signatureBytes = 64;

/**
 * What a message is (`typ`, RFC 9596): one key signs several kinds, and none passes for another. A CoAP content format or
 * a media type.
 */
export type MessageType = number | string;

/** Read, and by nobody vouched for: that says `isSignedBy`. */
export interface Signed<Content> {
  readonly kid: string;
  readonly content: Content;
  readonly toBeSigned: Uint8Array;
  readonly signature: Uint8Array;
}

export async function signed(type: MessageType, content: unknown, signer: KeySigner): Promise<Uint8Array> {
  const kid = new TextEncoder().encode(signer.kid);
  const head = cborOf(
    new Map<number, unknown>([
      [header.algorithm, es256],
      [header.keyId, kid],
      [header.type, type],
    ]),
  );
  const payload = cborOf(content);
  const signature = await signer.sign(signedStructure(head, payload));
  if (signature.length !== signatureBytes) throw new RangeError('An ES256 signature has 64 bytes');
  return cborOf(new Tagged(tag, [head, new Map(), payload, signature]));
}

/**
 * @param read what the payload says
 * @throws Unreadable
 */
export function readSigned<Content>(
  bytes: Uint8Array,
  type: MessageType,
  read: (fields: Fields) => Content,
): Signed<Content> {
  const message = readCbor(bytes, tag);
  const parts: unknown = message instanceof Tagged ? message.value : undefined;
  if (!Array.isArray(parts) || parts.length !== 4) throw new Unreadable('This is no COSE_Sign1.');
  const [head, open, payload, signature]: unknown[] = parts;
  if (!(head instanceof Uint8Array) || !(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
    throw new Unreadable('This is no COSE_Sign1.');
  }
  new Fields(open).end();
  const fields = new Fields(readCbor(payload));
  const content = read(fields);
  fields.end();
  return { kid: keyIdIn(head, type), content, toBeSigned: signedStructure(head, payload), signature };
}

export function isSignedBy(spki: Uint8Array, verify: Verify, { toBeSigned, signature }: Signed<unknown>): boolean {
  return signature.length === signatureBytes && verify(spki, toBeSigned, signature);
}

function keyIdIn(head: Uint8Array, type: MessageType): string {
  const members = readCbor(head);
  const fields = new Map(members instanceof Map ? members : []);
  const kid: unknown = fields.get(header.keyId);
  const isThisType = fields.get(header.algorithm) === es256 && fields.get(header.type) === type && fields.size === 3;
  if (!isThisType || !(kid instanceof Uint8Array) || kid.length > 32) {
    throw new Unreadable('The header is that of another kind of message.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(kid);
  } catch (error) {
    throw new Unreadable('The name of the key is no text.', { cause: error });
  }
}

/** What is signed (RFC 9052 §4.4, `Sig_structure`), without external data. */
export function signedStructure(head: Uint8Array, payload: Uint8Array): Uint8Array {
  return cborOf(['Signature1', head, new Uint8Array(), payload]);
}
