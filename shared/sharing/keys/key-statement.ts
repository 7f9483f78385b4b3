import { base64url, base64urlBytes } from '../../kernel/base64url.ts';
import type { IssuerKey, KeyStatement } from '../../vehicle-cloud/sharing-envelopes.ts';
import { readSigned, type Signed, signed } from './cose-sign1.ts';
import type { Fields } from './fields.ts';
import { hexBytes, hexText } from './hex.ts';
import type { KeySigner } from './key-signer.ts';
import { p256KeyOf } from './p256-key.ts';
import { Unreadable } from './strict-cbor.ts';

const mediaType = 'fleetloom/keys';
const member = {
  ...{ vehicleId: 1, version: 2, minimumFence: 3, revoked: 4, issuedAt: 5 },
  ...{ systemId: 6, vehicleTypeId: 7, minimumCharge: 8, zonesVersion: 9, successor: 10 },
} as const;
const mostRevoked = 16;

/** @throws RangeError where it is none that could be read */
export async function signStatement(statement: KeyStatement, signer: KeySigner): Promise<Uint8Array> {
  const { vehicleId, version, minimumFence, revoked, issuedAt } = statement;
  const { systemId, vehicleTypeId, minimumCharge, zonesVersion, successor } = statement;
  const content = new Map<number, unknown>([
    ...([
      [member.vehicleId, vehicleId],
      [member.version, version],
      [member.minimumFence, minimumFence],
    ] as const),
    ...([
      [member.revoked, revoked.map(hexBytes)],
      [member.issuedAt, issuedAt],
      [member.systemId, systemId],
    ] as const),
    ...([
      [member.vehicleTypeId, vehicleTypeId],
      [member.minimumCharge, minimumCharge],
    ] as const),
    [member.zonesVersion, zonesVersion],
  ]);
  if (successor !== undefined) content.set(member.successor, [successor.kid, base64urlBytes(successor.spki)]);
  const bytes = await signed(mediaType, content, signer);
  readStatement(bytes);
  return bytes;
}

/** What it says; whether that counts, its signature says. @throws Unreadable */
export function readStatement(bytes: Uint8Array): Signed<KeyStatement> {
  return readSigned(bytes, mediaType, (fields) => ({
    vehicleId: fields.text(member.vehicleId, /^.{1,64}$/),
    version: fields.integer(member.version),
    minimumFence: fields.integer(member.minimumFence),
    revoked: fields.list(member.revoked, 0, mostRevoked).map(tokenIdOf),
    issuedAt: fields.integer(member.issuedAt),
    systemId: fields.text(member.systemId, /^.{1,64}$/),
    vehicleTypeId: fields.text(member.vehicleTypeId, /^.{1,64}$/),
    minimumCharge: fields.integer(member.minimumCharge, 0, 100),
    zonesVersion: fields.integer(member.zonesVersion),
    ...(fields.has(member.successor) && { successor: issuerIn(fields) }),
  }));
}

function issuerIn(fields: Fields): IssuerKey {
  const [kid, spki] = fields.list(member.successor, 2, 2);
  if (typeof kid === 'string' && spki instanceof Uint8Array && p256KeyOf(spki) !== undefined) {
    return { kid, spki: base64url(spki) };
  }
  throw new Unreadable('This is nobody whom keys could come from.');
}

function tokenIdOf(value: unknown): string {
  if (value instanceof Uint8Array && value.length === 8) return hexText(value);
  throw new Unreadable('A token id has 8 bytes.');
}
