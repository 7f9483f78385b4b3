import type { Instant } from '../kernel/clock.ts';

/** Standard Webhooks 1.0.0, "Signature scheme": symmetric, HMAC-SHA256, marked `v1`. */
export type Mac = (key: Uint8Array, text: string) => Uint8Array;

const prefix = 'whsec_';

/** As a receiver gets it, once. */
export function secretText(secret: Uint8Array): string {
  return `${prefix}${base64(secret)}`;
}

export interface SignedMessage {
  readonly id: string;
  /** Of this attempt: receivers refuse what is minutes old, so that nobody can send it again. */
  readonly at: Instant;
  readonly body: string;
}

/**
 * The three headers of a message. During a rotation it is signed with both secrets, so that a receiver may change over
 * when it likes.
 *
 * @param secrets 24 to 64 bytes each, the newest first
 */
export function signatureHeaders({ id, at, body }: SignedMessage, secrets: readonly Uint8Array[], mac: Mac) {
  const timestamp = String(Math.floor(at / 1000));
  const text = `${id}.${timestamp}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${base64(mac(secret, text))}`).join(' '),
  };
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
