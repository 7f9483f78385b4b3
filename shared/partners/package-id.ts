import { base32 } from '../kernel/base32.ts';
import type { Instant } from '../kernel/clock.ts';
import type { ReservationId } from '../sharing/sharing-id.ts';

/** One customer's use of one vehicle, as a partner calls it; its one leg has the same id. Sorts by when it was offered. */
export type PackageId = string & { readonly packageId: unique symbol };

const packageIdPattern = /^pkg-[a-z2-7]{20}$/;
const offerIdPattern = /^ofr-([a-z2-7]{20})-(\d|[1-9]\d)$/;
/** RFC 4648's letters in the order of their codes, so that numbers keep their order. */
const ordered = '234567abcdefghijklmnopqrstuvwxyz';

export function isPackageId(text: string): text is PackageId {
  return packageIdPattern.test(text);
}

/** What an offer can be bought as, and nothing else: whoever buys it twice finds the first purchase. */
export function packageIdOf(offerId: string, offeredAt: Instant, digest: (text: string) => Uint8Array): PackageId {
  let time = '';
  for (let rest = offeredAt; time.length < 9; rest = Math.floor(rest / 32)) time = ordered.charAt(rest % 32) + time;
  return asPackageId(`pkg-${time}${base32(digest(offerId), 11)}`);
}

/** Of the hold behind it: its id has the package's in it, so that none has to be looked up by the other. */
export function operationOf(packageId: PackageId): string {
  return packageId.slice('pkg-'.length);
}

/** Undefined where no partner has booked it. What a person holds looks alike, and is no package. */
export function packageOfReservation(reservationId: ReservationId): PackageId {
  return asPackageId(`pkg-${reservationId.slice(-20)}`);
}

/** @param searchId 20 base32 characters */
export function offerIdOf(searchId: string, place: number): string {
  return `ofr-${searchId}-${place}`;
}

export function searchOf(offerId: string): { readonly searchId: string; readonly place: number } | undefined {
  const [, searchId, place] = offerIdPattern.exec(offerId) ?? [];
  return searchId === undefined || place === undefined ? undefined : { searchId, place: Number(place) };
}

function asPackageId(text: string): PackageId {
  if (!isPackageId(text)) throw new RangeError('A package is named by 20 base32 characters');
  return text;
}
