import { base64url } from '#shared/kernel/base64url.ts';
import { readToken } from '#shared/sharing/keys/key-token.ts';
import { spkiOf } from '#shared/sharing/keys/p256-key.ts';
import { proofBytes } from '#shared/sharing/keys/proof.ts';
import type { IssuerKey, KeyAction } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { Presented, Verdict } from './admission.ts';
import { contentOf } from './issued.ts';
import { sha256, verifyP256 } from './p256.ts';

/** What a phone sends over the air, in answer to a challenge. */
export interface Presentation {
  /** As it was issued. */
  readonly token: Uint8Array;
  readonly action: KeyAction;
  readonly nonce: Uint8Array;
  /** By the phone's key, over `proofBytes`: r and s. */
  readonly signature: Uint8Array;
}

type Refused = Extract<Verdict, { kind: 'refused' }>;

/** Whether the token is the issuer's, of this vehicle, and the phone's own. Two signatures are verified for it. */
export function keyCheck(
  { token: bytes, action, nonce, signature }: Presentation,
  issuer: IssuerKey,
  vehicleId: string,
): Presented | Refused {
  const token = contentOf(() => readToken(bytes), issuer);
  if (token === undefined) return refused('token-altered', 'The key is not one of this service.');
  if (token.vehicleId !== vehicleId) return refused('token-for-another-vehicle', 'It opens another vehicle.');
  const phone = spkiOf(token.phoneKey);
  if (!verifyP256(phone, proofBytes(vehicleId, action, nonce, sha256(bytes)), signature)) {
    return refused('proof-wrong', 'The key is not this phone’s.');
  }
  return { kind: 'presented', token, action, phoneKey: base64url(phone) };
}

function refused(reason: Refused['reason'], detail: string): Refused {
  return { kind: 'refused', reason, detail };
}
