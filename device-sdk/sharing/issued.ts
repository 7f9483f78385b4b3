import { base64urlBytes } from '#shared/kernel/base64url.ts';
import { isSignedBy, type Signed } from '#shared/sharing/keys/cose-sign1.ts';
import { Unreadable } from '#shared/sharing/keys/strict-cbor.ts';
import type { IssuerKey } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { verifyP256 } from './p256.ts';

/** What it says, where it can be read and is the issuer's. */
export function contentOf<Content>(read: () => Signed<Content>, issuer: IssuerKey): Content | undefined {
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
