import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Claimant } from '../bookings/booking-service.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import type { CareBook } from './care-book.ts';
import { type CareId, careIdOf } from './care-id.ts';
import { type CareUse, type CareUses, isLongOver } from './care-use.ts';
import {
  type Album,
  type AlbumOwner,
  asEvidence,
  checkedOrder,
  linkLife,
  looked,
  type Photo,
  type PhotoMoment,
  type PhotoOrder,
  photoOrdered,
  plainLife,
  uploadLife,
  withLooked,
  withPhoto,
} from './photo.ts';
import { fileOf, type PhotoStore, type UploadAddress } from './photo-ports.ts';
import { momentOver, photoNotFound, photoNotThere, photoRefused } from './photo-refusals.ts';

export interface PhotoPorts {
  readonly albums: CareBook<Album>;
  readonly store: PhotoStore;
  readonly uses: Pick<CareUses, 'require'>;
  readonly clock: Clock;
}

export interface OrderedPhoto {
  readonly photo: Photo;
  /** Absent where it is there already. */
  readonly upload?: UploadAddress;
}

export interface ShownPhoto {
  readonly photo: Photo;
  /** Absent where there is nothing to see. */
  readonly link?: { readonly url: string; readonly until: Instant };
}

/** ms after the end of a use within which photos of it are taken. */
const endGrace = 30 * 60_000;
export const lateGrace = 24 * 60 * 60_000;

/** Photos go to the store and from it, past the API; what counts is what the store has (docs/decisions/photos.md). */
export class PhotoService {
  readonly #ports: PhotoPorts;

  constructor(ports: PhotoPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `photo-moment-over`, and what `withPhoto` throws */
  async orderOfUse(claimant: Claimant, reservationId: ReservationId, order: PhotoOrder, operation: Operation) {
    checkedOrder(order);
    const use = await this.#ports.uses.require(claimant, reservationId);
    if (!isTime(order.moment, use, this.#ports.clock.now())) throw momentOver(order.moment);
    const { vehicleId, personId, operatorId } = use;
    return this.order(operatorId, { kind: 'use', reservationId, vehicleId, personId }, order, operation);
  }

  /** The same file for the same moment is the same photo: it gets a new address. */
  async order(
    operatorId: OperatorId,
    owner: AlbumOwner,
    order: PhotoOrder,
    operation: Operation,
  ): Promise<OrderedPhoto> {
    const { albums, store, clock } = this.#ports;
    checkedOrder(order);
    const albumId = albumOf(operatorId, owner);
    const now = clock.now();
    const photoId = careIdOf('photo', operation);
    const album = await untilSaved(async () => {
      const seen = await albums.load(albumId);
      const empty: Album = { albumId, owner, operatorId, photos: [], forgetAt: now + plainLife, version: 0 };
      const next = withPhoto(seen ?? empty, order, photoId, now);
      return next === seen || (await albums.save(next, seen)) ? next : undefined;
    });
    const photo = photoOrdered(album, order);
    if (photo === undefined) throw photoNotFound();
    if (photo.state.status !== 'waiting') return { photo };
    return { photo, upload: await store.address(fileOf(albumId, photo), photo, uploadLife / 1000) };
  }

  /** @throws Failure `photo-not-there`, `photo-refused` */
  async complete(albumId: string, photoId: CareId<'photo'>): Promise<ShownPhoto> {
    const album = await this.#ports.albums.load(albumId);
    const known = album?.photos.find((photo) => photo.photoId === photoId);
    if (album === undefined || known === undefined) throw photoNotFound();
    const photo = await this.#look(album, known);
    if (photo.state.status === 'waiting') throw photoNotThere();
    if (photo.state.status === 'refused') throw photoRefused();
    return this.#shown(albumId, photo);
  }

  /** What has arrived since is seen on the way. */
  async list(albumId: string, moments?: readonly PhotoMoment[]): Promise<readonly ShownPhoto[]> {
    const album = await this.#ports.albums.load(albumId);
    if (album === undefined) return [];
    const wanted = album.photos.filter(({ moment }) => moments?.includes(moment) ?? true);
    const seen = await Promise.all(wanted.map((photo) => this.#look(album, photo)));
    return Promise.all(seen.map((photo) => this.#shown(albumId, photo)));
  }

  /**
   * Photos that somebody names in a report: those of the album, or of some moments, that are there.
   *
   * @throws Failure `photo-not-found`, `photo-not-there`
   */
  async requireThere(
    albumId: string,
    photoIds: readonly CareId<'photo'>[],
    moments?: readonly PhotoMoment[],
  ): Promise<void> {
    if (photoIds.length === 0) return;
    const known = await this.list(albumId, moments);
    for (const photoId of photoIds) {
      const found = known.find(({ photo }) => photo.photoId === photoId);
      if (found === undefined) throw photoNotFound();
      if (found.photo.state.status !== 'there') throw photoNotThere();
    }
  }

  /** Those of the start and the end of a use are kept as long as those of a damage. Again it changes nothing. */
  async keepAsEvidence(albumId: string): Promise<void> {
    const { albums, store, clock } = this.#ports;
    const album = await albums.load(albumId);
    if (album === undefined) return;
    const plain = album.photos.filter(({ state, folder }) => state.status === 'there' && folder === 'uses');
    const files = plain.map((photo) => fileOf(albumId, photo));
    // First the file, then the record that names it, then the former file goes: whoever dies on the way begins anew.
    await Promise.all(files.map((file) => store.copy(file, 'damages')));
    const ids = new Set(plain.map(({ photoId }) => photoId));
    await untilSaved(async () => {
      const seen = await albums.load(albumId);
      const next = seen === undefined ? undefined : asEvidence(seen, ids, clock.now());
      return next === seen || next === undefined || (await albums.save(next, seen)) || undefined;
    });
    await store.remove(files);
  }

  /** Every file and the record of them. */
  async forget(albumId: string): Promise<void> {
    const { albums, store, clock } = this.#ports;
    const album = await albums.load(albumId);
    if (album === undefined) return;
    await store.remove(album.photos.map((photo) => fileOf(albumId, photo)));
    await albums.save({ ...album, photos: [], forgetAt: clock.now(), version: album.version + 1 }, album);
  }

  async #look(album: Album, photo: Photo): Promise<Photo> {
    if (photo.state.status !== 'waiting') return photo;
    const { albums, store } = this.#ports;
    const file = fileOf(album.albumId, photo);
    const next = looked(photo, await store.find(file));
    if (next === photo) return photo;
    await untilSaved(async () => {
      const seen = await albums.load(album.albumId);
      const changed = seen === undefined ? undefined : withLooked(seen, next);
      return changed === seen || changed === undefined || (await albums.save(changed, seen)) || undefined;
    });
    // Whoever dies here leaves a file that nobody links to, and the lifecycle takes.
    if (next.state.status === 'refused') await store.remove([file]);
    return next;
  }

  async #shown(albumId: string, photo: Photo): Promise<ShownPhoto> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    if (photo.state.status !== 'there' || isGone(photo, photo.state.arrivedAt, now)) return { photo };
    const url = await store.link(fileOf(albumId, photo), photo, linkLife / 1000);
    return { photo, link: { url, until: now + linkLife } };
  }
}

/** Where its owner's photos are. */
export function albumOf(operatorId: OperatorId, owner: AlbumOwner): string {
  switch (owner.kind) {
    case 'use':
      return owner.reservationId;
    case 'licence':
      return `${operatorId}.${owner.personId}`;
    case 'staff':
      return owner.damageId;
  }
}

/** The lifecycle has taken it, or does so any moment. */
function isGone({ folder }: Photo, arrivedAt: Instant, now: Instant): boolean {
  return (folder === 'uses' || folder === 'licences') && arrivedAt + plainLife < now;
}

function isTime(moment: PhotoMoment, use: CareUse, now: Instant): boolean {
  switch (moment) {
    case 'start':
      return use.state.status !== 'over';
    case 'end':
      return use.startedAt !== undefined && !isLongOver(use, endGrace, now);
    case 'damage':
    case 'receipt':
      return !isLongOver(use, lateGrace, now);
    case 'licence-front':
    case 'licence-back':
      return false;
  }
}
