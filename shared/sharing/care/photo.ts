import type { Instant } from '../../kernel/clock.ts';
import type { ReservationId } from '../sharing-id.ts';
import type { CareList, CareRecord } from './care-book.ts';
import type { CareId } from './care-id.ts';
import { photosTooMany, photoTooLarge, photoTypeNotAccepted } from './photo-refusals.ts';

export const photoTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/heic'] as const;
export type PhotoType = (typeof photoTypes)[number];

export const useMoments = ['start', 'end', 'damage', 'receipt'] as const;
export const licenceMoments = ['licence-front', 'licence-back'] as const;
export type PhotoMoment = (typeof useMoments)[number] | (typeof licenceMoments)[number];

/** Bytes. */
const largestPhoto = 10_000_000;
const mostPhotos = 12;
/** ms: an address for an upload, and one for a look. */
export const uploadLife = 10 * 60_000;
export const linkLife = 5 * 60_000;

const day = 86_400_000;
/** ms. Whoever finds damage later than that cannot say who had the vehicle. */
export const plainLife = 30 * day;
/** ms. Three years: when claims for damages lapse (BGB, sections 195 and 199; others' laws know less or the same). */
export const evidenceLife = 3 * 365 * day;

/** Each is emptied by the bucket's lifecycle after its own time. */
export const photoFolders = ['uses', 'damages', 'receipts', 'licences'] as const;
export type PhotoFolder = (typeof photoFolders)[number];

export interface PhotoOrder {
  readonly moment: PhotoMoment;
  readonly contentType: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface Photo {
  readonly photoId: CareId<'photo'>;
  readonly moment: PhotoMoment;
  readonly contentType: PhotoType;
  readonly bytes: number;
  readonly sha256: string;
  readonly folder: PhotoFolder;
  readonly orderedAt: Instant;
  readonly state: PhotoState;
}

export type PhotoState =
  /** Nobody has seen it arrive; its address is good until then. */
  | { readonly status: 'waiting'; readonly until: Instant }
  | { readonly status: 'there'; readonly arrivedAt: Instant }
  /** Its first bytes are not those of its type. */
  | { readonly status: 'refused' };

/** Whose photos they are. */
export type AlbumOwner =
  | {
      readonly kind: 'use';
      readonly reservationId: ReservationId;
      readonly vehicleId: string;
      readonly personId: string;
    }
  | { readonly kind: 'licence'; readonly personId: string }
  | { readonly kind: 'staff'; readonly damageId: CareId<'damage'>; readonly vehicleId: string };

/** Photos that belong together, in one record: so that there are never more than may be. */
export interface Album extends CareRecord {
  readonly albumId: string;
  readonly owner: AlbumOwner;
  readonly photos: readonly Photo[];
}

/** What the store knows of a file. */
export interface FoundPhoto {
  readonly bytes: number;
  readonly sha256: string;
  readonly arrivedAt: Instant;
  /** The first bytes. */
  readonly head: Uint8Array;
}

/** @throws Failure `photo-too-large`, `photo-type-not-accepted` */
export function checkedOrder({ contentType, bytes }: PhotoOrder): PhotoType {
  const type = photoTypes.find((known) => known === contentType);
  if (type === undefined) throw photoTypeNotAccepted(contentType);
  if (bytes > largestPhoto) throw photoTooLarge(bytes);
  return type;
}

/** With a photo more, or the same one once more, under a new address. @throws Failure `photos-too-many` */
export function withPhoto(album: Album, order: PhotoOrder, photoId: CareId<'photo'>, now: Instant): Album {
  const contentType = checkedOrder(order);
  const until = now + uploadLife;
  const known = photoOrdered(album, order);
  if (known !== undefined) {
    if (known.state.status !== 'waiting' || known.photoId === photoId) return album;
    const again: Photo = { ...known, state: { status: 'waiting', until } };
    return { ...album, photos: replaced(album.photos, again), version: album.version + 1 };
  }
  const kept = album.photos.filter(({ state }) => state.status !== 'waiting' || state.until + graceOfLate > now);
  if (kept.filter(({ state }) => state.status !== 'refused').length >= mostPhotos) throw photosTooMany();
  const { moment, bytes, sha256 } = order;
  const folder = folderOf(moment);
  const state = { status: 'waiting', until } as const;
  const photo: Photo = { photoId, moment, contentType, bytes, sha256, folder, orderedAt: now, state };
  const forgetAt = Math.max(
    album.forgetAt,
    now + (folder === 'uses' || folder === 'licences' ? plainLife : evidenceLife),
  );
  // Those that were refused are told of once or twice, and then there is no end to them.
  const [refused, others] = [kept.filter(isRefused), kept.filter((one) => !isRefused(one))];
  return { ...album, photos: [...refused.slice(-mostPhotos), ...others, photo], forgetAt, version: album.version + 1 };
}

/** Whoever orders the same file for the same moment means the same photo. */
export function photoOrdered(album: Album, { moment, sha256 }: PhotoOrder): Photo | undefined {
  return album.photos.find((photo) => photo.moment === moment && photo.sha256 === sha256 && !isRefused(photo));
}

/** What a look at the store makes of a photo. The very same where that is nothing new. */
export function looked(photo: Photo, found: FoundPhoto | undefined): Photo {
  if (photo.state.status !== 'waiting' || found === undefined) return photo;
  // The address takes no other length and no other bytes: this is for the day on which it does.
  const isWhole = found.bytes === photo.bytes && found.sha256 === photo.sha256;
  if (!isWhole || !isOfType(photo.contentType, found.head)) return { ...photo, state: { status: 'refused' } };
  return { ...photo, state: { status: 'there', arrivedAt: found.arrivedAt } };
}

export function withLooked(album: Album, photo: Photo): Album {
  const known = album.photos.find(({ photoId }) => photoId === photo.photoId);
  if (known === undefined || known.state.status !== 'waiting' || known.state.status === photo.state.status)
    return album;
  return { ...album, photos: replaced(album.photos, photo), version: album.version + 1 };
}

/** What shows a damage is kept as long as somebody may claim it. */
export function asEvidence(album: Album, photoIds: ReadonlySet<string>, now: Instant): Album {
  const moves = (photo: Photo) => photoIds.has(photo.photoId) && photo.folder === 'uses';
  if (!album.photos.some(moves)) return album;
  const photos = album.photos.map((photo) => (moves(photo) ? { ...photo, folder: 'damages' as const } : photo));
  return { ...album, photos, forgetAt: Math.max(album.forgetAt, now + evidenceLife), version: album.version + 1 };
}

export function albumLists({ owner }: Album): readonly CareList[] {
  return owner.kind === 'staff' ? [] : [{ of: 'person', personId: owner.personId }];
}

/** ms: who was slow has its upload looked at all the same. */
const graceOfLate = 60 * 60_000;

function isRefused({ state }: Photo): boolean {
  return state.status === 'refused';
}

function folderOf(moment: PhotoMoment): PhotoFolder {
  switch (moment) {
    case 'start':
    case 'end':
      return 'uses';
    case 'damage':
      return 'damages';
    case 'receipt':
      return 'receipts';
    case 'licence-front':
    case 'licence-back':
      return 'licences';
  }
}

function replaced(photos: readonly Photo[], next: Photo): readonly Photo[] {
  return photos.map((photo) => (photo.photoId === next.photoId ? next : photo));
}

/** ISO/IEC 14496-12 (`ftyp`) and the brands of ISO/IEC 23008-12 that phones write. */
const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1']);

/** By the first bytes: JPEG (ITU-T T.81), PNG (RFC 2083, 12.11), WebP (RFC 9649), HEIC. */
function isOfType(type: PhotoType, head: Uint8Array): boolean {
  const text = (from: number, to: number) => String.fromCharCode(...head.subarray(from, to));
  switch (type) {
    case 'image/jpeg':
      return head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;
    case 'image/png':
      return text(0, 8) === '\x89PNG\r\n\x1a\n';
    case 'image/webp':
      return text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP';
    case 'image/heic':
      return text(4, 8) === 'ftyp' && heicBrands.has(text(8, 12));
  }
}
