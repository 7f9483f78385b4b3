import type { KeyAction, KeyToken } from '../../vehicle-cloud/sharing-envelopes.ts';
import { readSigned, type Signed, signed } from './cose-sign1.ts';
import { type Fields, named } from './fields.ts';
import { hexBytes, hexText } from './hex.ts';
import type { KeySigner } from './key-signer.ts';
import { Unreadable } from './strict-cbor.ts';

/** `application/cwt` as a CoAP content format (RFC 8392 §9.2). */
const cwt = 61;
const issuer = 'fleetloom';
/** RFC 8392 §3.1, RFC 8747 §3; private claims lie below -65536 (RFC 8392 §9.1). */
const claim = { iss: 1, aud: 3, exp: 4, nbf: 5, iat: 6, cti: 7, cnf: 8 } as const;
const ownClaim = { reservation: -65537, fence: -65538, actions: -65539 } as const;
/** RFC 8747 §3.2; RFC 9053 §7.1.1: an EC2 key on P-256. */
const confirmed = { coseKey: 1 } as const;
const coseKey = { type: 1, curve: -1, x: -2, y: -3 } as const;
const ec2 = 2;
const p256 = 1;

/** In the token by their place here, from 1 on: one may be added at the end alone. */
export const keyActions = ['start', 'pause', 'resume', 'end'] as const satisfies readonly KeyAction[];
export const longestToken = 400;

const tokenIdPattern = /^[0-9a-f]{16}$/;

/**
 * Times are cut to whole seconds. The caller sees to what may be issued.
 *
 * @throws RangeError where it would take more than 400 bytes, or is none that could be read
 */
export async function mintToken(token: KeyToken, signer: KeySigner): Promise<Uint8Array> {
  const { tokenId, vehicleId, reservationId, fence, actions, notBefore, issuedAt, expiresAt, phoneKey } = token;
  if (!tokenIdPattern.test(tokenId)) throw new RangeError('A token id is 16 hex characters');
  const key = new Map<number, unknown>([
    ...([
      [coseKey.type, ec2],
      [coseKey.curve, p256],
    ] as const),
    ...([
      [coseKey.x, phoneKey.x],
      [coseKey.y, phoneKey.y],
    ] as const),
  ]);
  const claims = new Map<number, unknown>([
    ...([
      [claim.iss, issuer],
      [claim.aud, vehicleId],
      [claim.exp, seconds(expiresAt)],
    ] as const),
    ...([
      [claim.nbf, seconds(notBefore)],
      [claim.iat, seconds(issuedAt)],
      [claim.cti, hexBytes(tokenId)],
    ] as const),
    ...([
      [claim.cnf, new Map([[confirmed.coseKey, key]])],
      [ownClaim.reservation, reservationId],
    ] as const),
    [ownClaim.fence, fence],
    [ownClaim.actions, keyActions.flatMap((action, at) => (actions.includes(action) ? [at + 1] : []))],
  ]);
  const bytes = await signed(cwt, claims, signer);
  if (bytes.length > longestToken) throw new RangeError(`A token of ${bytes.length} bytes`);
  readToken(bytes);
  return bytes;
}

/** What it says; whether that counts, its signature says. @throws Unreadable */
export function readToken(bytes: Uint8Array): Signed<KeyToken> {
  if (bytes.length > longestToken) throw new Unreadable(`A token of ${bytes.length} bytes.`);
  return readSigned(bytes, cwt, (fields) => {
    fields.text(claim.iss, /^fleetloom$/);
    const token: KeyToken = {
      tokenId: hexText(fields.bytes(claim.cti, 8)),
      vehicleId: fields.text(claim.aud, /^.{1,64}$/),
      reservationId: fields.text(ownClaim.reservation, /^.{1,64}$/),
      fence: fields.integer(ownClaim.fence),
      actions: actionsIn(fields),
      notBefore: 1000 * fields.integer(claim.nbf, 0, latest),
      issuedAt: 1000 * fields.integer(claim.iat, 0, latest),
      expiresAt: 1000 * fields.integer(claim.exp, 0, latest),
      phoneKey: phoneKeyIn(fields.map(claim.cnf)),
    };
    if (token.notBefore > token.expiresAt) throw new Unreadable('It ends before it begins.');
    return token;
  });
}

/** Seconds: the year 9999. */
const latest = 253_402_300_799;

function seconds(at: number): number {
  return Math.floor(at / 1000);
}

function actionsIn(fields: Fields): readonly KeyAction[] {
  const numbers = fields.list(ownClaim.actions, 1, keyActions.length);
  const actions = numbers.map((number) => named(keyActions, number));
  const isInOrder = actions.join() === keyActions.filter((action) => actions.includes(action)).join();
  if (!isInOrder) throw new Unreadable('Each action stands once, in order.');
  return actions;
}

function phoneKeyIn(confirmation: Fields): KeyToken['phoneKey'] {
  const key = confirmation.map(confirmed.coseKey);
  confirmation.end();
  key.integer(coseKey.type, ec2, ec2);
  key.integer(coseKey.curve, p256, p256);
  const point = { x: key.bytes(coseKey.x, 32), y: key.bytes(coseKey.y, 32) };
  key.end();
  return point;
}
