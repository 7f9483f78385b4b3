import type { TripEvent, TripEventKind } from '../../vehicle-cloud/sharing-envelopes.ts';
import { readSigned, type Signed, signed } from './cose-sign1.ts';
import { type Fields, integerIn, named } from './fields.ts';
import { hexBytes, hexText } from './hex.ts';
import type { KeySigner } from './key-signer.ts';

const mediaType = 'fleetloom/trip';
const member = {
  ...{ vehicleId: 1, fence: 2, reservationId: 3, boot: 4, sequence: 5, after: 6, at: 7, kind: 8 },
  ...{ place: 9, odometer: 10, charge: 11, zonesVersion: 12, tokenId: 13 },
} as const;

/** In the line by their place here, from 1 on: one may be added at the end alone. */
export const tripEventKinds = [
  ...(['started', 'paused', 'resumed', 'ended', 'charging-started', 'charging-ended', 'ended-by-operator'] as const),
] satisfies readonly TripEventKind[];

/** Of a degree: a centimetre on the equator. */
const degreeParts = 10_000_000;
/** Of a percent. */
const percentParts = 100;

/** Metres, places and percents are rounded as far as they are kept. @throws RangeError where it is none that could be read */
export async function signTripEvent(event: TripEvent, signer: KeySigner): Promise<Uint8Array> {
  const { vehicleId, fence, reservationId, boot, sequence, after, at, kind, place, odometer, charge } = event;
  const { zonesVersion, tokenId } = event;
  const content = new Map<number, unknown>([
    ...([
      [member.vehicleId, vehicleId],
      [member.fence, fence],
      [member.reservationId, reservationId],
    ] as const),
    ...([
      [member.boot, boot],
      [member.sequence, sequence],
      [member.at, Math.round(at)],
    ] as const),
    ...([
      [member.kind, tripEventKinds.indexOf(kind) + 1],
      [member.odometer, Math.round(odometer)],
    ] as const),
    [member.charge, Math.round(charge * percentParts)],
  ]);
  if (after !== undefined) content.set(member.after, [after.boot, after.sequence]);
  if (place !== undefined) content.set(member.place, [place.latitude, place.longitude].map(parts));
  if (zonesVersion !== undefined) content.set(member.zonesVersion, zonesVersion);
  if (tokenId !== undefined) content.set(member.tokenId, hexBytes(tokenId));
  const bytes = await signed(mediaType, content, signer);
  readTripEvent(bytes);
  return bytes;
}

/** What it says; whether that counts, its signature says. @throws Unreadable */
export function readTripEvent(bytes: Uint8Array): Signed<TripEvent> {
  return readSigned(bytes, mediaType, (fields) => ({
    vehicleId: fields.text(member.vehicleId, /^.{1,64}$/),
    fence: fields.integer(member.fence),
    reservationId: fields.text(member.reservationId, /^.{1,64}$/),
    boot: fields.integer(member.boot, 1),
    sequence: fields.integer(member.sequence, 1),
    ...(fields.has(member.after) && { after: afterIn(fields) }),
    at: fields.integer(member.at),
    kind: named(tripEventKinds, fields.integer(member.kind)),
    ...(fields.has(member.place) && { place: placeIn(fields) }),
    odometer: fields.integer(member.odometer),
    charge: fields.integer(member.charge, 0, 100 * percentParts) / percentParts,
    ...(fields.has(member.zonesVersion) && { zonesVersion: fields.integer(member.zonesVersion) }),
    ...(fields.has(member.tokenId) && { tokenId: hexText(fields.bytes(member.tokenId, 8)) }),
  }));
}

function parts(degrees: number): number {
  return Math.round(degrees * degreeParts);
}

function afterIn(fields: Fields): NonNullable<TripEvent['after']> {
  const [boot, sequence] = fields.list(member.after, 2, 2);
  return {
    boot: integerIn(boot, 'A boot', 1, Number.MAX_SAFE_INTEGER),
    sequence: integerIn(sequence, 'A sequence', 1, Number.MAX_SAFE_INTEGER),
  };
}

function placeIn(fields: Fields): NonNullable<TripEvent['place']> {
  const [latitude, longitude] = fields.list(member.place, 2, 2);
  return {
    latitude: integerIn(latitude, 'A latitude', -90 * degreeParts, 90 * degreeParts) / degreeParts,
    longitude: integerIn(longitude, 'A longitude', -180 * degreeParts, 180 * degreeParts) / degreeParts,
  };
}
