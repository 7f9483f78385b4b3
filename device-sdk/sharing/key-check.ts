import { base64url, base64urlBytes } from '#shared/kernel/base64url.ts';
import { isSignedBy, type Signed } from '#shared/sharing/keys/cose-sign1.ts';
import { readStatement } from '#shared/sharing/keys/key-statement.ts';
import { readToken } from '#shared/sharing/keys/key-token.ts';
import { spkiOf } from '#shared/sharing/keys/p256-key.ts';
import { proofBytes } from '#shared/sharing/keys/proof.ts';
import { Unreadable } from '#shared/sharing/keys/strict-cbor.ts';
import type { IssuerKey, KeyAction, KeyStatement } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { Presented, Verdict } from './admission.ts';
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
  const token = trusted(() => readToken(bytes), issuer);
  if (token === undefined) return refused('token-altered', 'The key is not one of this service.');
  if (token.vehicleId !== vehicleId) return refused('token-for-another-vehicle', 'It opens another vehicle.');
  const phone = spkiOf(token.phoneKey);
  if (!verifyP256(phone, proofBytes(vehicleId, action, nonce, sha256(bytes)), signature)) {
    return refused('proof-wrong', 'The key is not this phone’s.');
  }
  return { kind: 'presented', token, action, phoneKey: base64url(phone) };
}

/** What a statement says, where the issuer has signed it for this vehicle. */
export function statementOf(text: string, issuer: IssuerKey, vehicleId: string): KeyStatement | undefined {
  const bytes = base64urlBytes(text);
  const statement = bytes && trusted(() => readStatement(bytes), issuer);
  return statement?.vehicleId === vehicleId ? statement : undefined;
}

function trusted<Content>(read: () => Signed<Content>, issuer: IssuerKey): Content | undefined {
  try {
    const message = read();
    const spki = base64urlBytes(issuer.spki);
    const isTheirs = message.kid === issuer.kid && spki !== undefined && isSignedBy(spki, verifyP256, message);
    return isTheirs ? message.content : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function refused(reason: Refused['reason'], detail: string): Refused {
  return { kind: 'refused', reason, detail };
}
