import { randomBytes } from 'node:crypto';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { p256KeyOf } from '#shared/sharing/keys/p256-key.ts';
import type { KeyStatement, KeyToken, TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';

export const issuer = p256Signer(newP256Key().privateKeyPem);
export const someKey = p256Signer(newP256Key().privateKeyPem);
const now = 1_800_000_000_000;
const vehicleId = 'veh-abcdefghijklmnopqrst';

export function sampleToken(changes: Partial<KeyToken> = {}): KeyToken {
  const phoneKey = p256KeyOf(someKey.spki);
  if (phoneKey === undefined) throw new Error('no key of P-256');
  return {
    tokenId: randomBytes(8).toString('hex'),
    ...{ vehicleId, reservationId: 'rsv-1m3k2j4h5abcdefghijklmnopqrst', fence: 4711, phoneKey },
    actions: ['start', 'pause', 'resume', 'end'],
    ...{ notBefore: now, issuedAt: now, expiresAt: now + 900_000 },
    ...changes,
  };
}

export function sampleStatement(changes: Partial<KeyStatement> = {}): KeyStatement {
  return {
    ...{ vehicleId, version: 7, minimumFence: 12, revoked: ['00112233445566ff'], issuedAt: now },
    ...{ systemId: 'we-share-berlin', vehicleTypeId: 'e-golf', minimumCharge: 15, zonesVersion: 3 },
    ...changes,
  };
}

export function sampleEvent(changes: Partial<TripEvent> = {}): TripEvent {
  return {
    ...{ vehicleId, fence: 4711, reservationId: 'rsv-1m3k2j4h5abcdefghijklmnopqrst', boot: 3, sequence: 2 },
    ...{ after: { boot: 3, sequence: 1 }, at: now + 1234, kind: 'ended', odometer: 48_123_456, charge: 73.25 },
    ...{ place: { latitude: 52.5200066, longitude: 13.404954 }, zonesVersion: 3, tokenId: '00112233445566ff' },
    ...changes,
  };
}
