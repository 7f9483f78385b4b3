import { base64url, base64urlBytes } from '#shared/kernel/base64url.ts';
import { readToken } from '#shared/sharing/keys/key-token.ts';
import { proofBytes } from '#shared/sharing/keys/proof.ts';
import type { KeyAction, KeyToken } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { Presentation } from './key-check.ts';
import { newP256Key, type P256Signer, p256Signer, sha256 } from './p256.ts';

/**
 * A phone's half of the digital key: it makes its key pair once, keeps the token that was issued for it, and signs what
 * the vehicle asks. A real app does the same in the phone's secure element.
 *
 * @example
 * const phone = new Phone();
 * phone.keep(await issueKey(reservationId, phone.publicKey));
 * const answer = await vehicle.present(await phone.answer('start', await vehicle.challenge()));
 */
export class Phone {
  private readonly signer: P256Signer;
  private token: Uint8Array | undefined;

  constructor(signer: P256Signer = p256Signer(newP256Key().privateKeyPem)) {
    this.signer = signer;
  }

  /** What an app sends for its key to be issued: P-256, SPKI, base64url. */
  get publicKey(): string {
    return base64url(this.signer.spki);
  }

  /** Takes the place of the one before. @param token as it was issued, or base64url @throws Unreadable */
  keep(token: Uint8Array | string): KeyToken {
    const bytes = typeof token === 'string' ? base64urlBytes(token) : token;
    const { content } = readToken(bytes ?? new Uint8Array());
    this.token = bytes;
    return content;
  }

  /** @throws Error where it has no key yet */
  async answer(action: KeyAction, nonce: Uint8Array): Promise<Presentation> {
    const { token, signer } = this;
    if (token === undefined) throw new Error('This phone has no key yet');
    const { vehicleId } = readToken(token).content;
    const signature = await signer.sign(proofBytes(vehicleId, action, nonce, sha256(token)));
    return { token, action, nonce, signature };
  }
}
