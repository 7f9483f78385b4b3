import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { AccountService } from '../bookings/account-service.ts';
import type { Claimant } from '../bookings/booking-service.ts';
import type { Driver } from '../bookings/driver.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import type { CareBook } from './care-book.ts';
import type { CareId } from './care-id.ts';
import { licencePhotosMissing } from './care-refusals.ts';
import type { DamageService } from './damage-service.ts';
import { type Album, type AlbumOwner, licenceMoments, type PhotoOrder } from './photo.ts';
import { albumOf, type OrderedPhoto, type PhotoService, type ShownPhoto } from './photo-service.ts';

export interface PhotoDeskPorts {
  readonly albums: CareBook<Album>;
  readonly photos: Pick<PhotoService, 'order' | 'complete' | 'list' | 'forget'>;
  readonly accounts: Pick<AccountService, 'require' | 'verify'>;
  readonly damages: Pick<DamageService, 'require'>;
  readonly door: Pick<SharingDoor, 'operator'>;
}

/** What an operator's staff sees of photos, and takes itself. */
export class PhotoDesk {
  readonly #ports: PhotoDeskPorts;

  constructor(ports: PhotoDeskPorts) {
    this.#ports = ports;
  }

  async ofUse(caller: Caller, operatorId: OperatorId, reservationId: ReservationId): Promise<readonly ShownPhoto[]> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ofOperator(operatorId, reservationId);
  }

  /** Of a damage that staff has reported. */
  async order(
    caller: Caller,
    operatorId: OperatorId,
    damageId: CareId<'damage'>,
    order: PhotoOrder,
    operation: Operation,
  ): Promise<OrderedPhoto> {
    const { vehicleId } = await this.#ports.damages.require(caller, operatorId, damageId);
    return this.#ports.photos.order(operatorId, { kind: 'staff', damageId, vehicleId }, order, operation);
  }

  async complete(
    caller: Caller,
    operatorId: OperatorId,
    damageId: CareId<'damage'>,
    photoId: CareId<'photo'>,
  ): Promise<ShownPhoto> {
    await this.#ports.damages.require(caller, operatorId, damageId);
    return this.#ports.photos.complete(damageId, photoId);
  }

  /** The person's own, to be looked at again. @throws Failure `account-not-found` */
  async orderOfLicence(claimant: Claimant, order: PhotoOrder, operation: Operation): Promise<OrderedPhoto> {
    await this.#ports.accounts.require(claimant);
    return this.#ports.photos.order(claimant.operatorId, licenceOf(claimant), order, operation);
  }

  completeOfLicence(claimant: Claimant, photoId: CareId<'photo'>): Promise<ShownPhoto> {
    return this.#ports.photos.complete(albumOf(claimant.operatorId, licenceOf(claimant)), photoId);
  }

  myLicence(claimant: Claimant): Promise<readonly ShownPhoto[]> {
    return this.#ports.photos.list(albumOf(claimant.operatorId, licenceOf(claimant)));
  }

  async licence(caller: Caller, claimant: Claimant): Promise<readonly ShownPhoto[]> {
    await this.#ports.door.operator(caller, claimant.operatorId);
    await this.#ports.accounts.require(claimant);
    return this.myLicence(claimant);
  }

  /**
   * Staff has seen both sides: the term begins anew, and the photos go at once.
   *
   * @param validUntil where a new licence says so
   * @throws Failure `licence-photos-missing`
   */
  async recheck(caller: Caller, claimant: Claimant, validUntil?: string): Promise<Driver> {
    const { accounts, photos } = this.#ports;
    const shown = await this.licence(caller, claimant);
    const { bornOn, licence } = await accounts.require(claimant);
    const isThere = (moment: string) =>
      shown.some(({ photo }) => photo.moment === moment && photo.state.status === 'there');
    if (bornOn === undefined || licence === undefined || !licenceMoments.every(isThere)) throw licencePhotosMissing();
    const seen = { ...licence, ...(validUntil !== undefined && { validUntil }) };
    const driver = await accounts.verify(claimant, { bornOn, licence: seen });
    await photos.forget(albumOf(claimant.operatorId, licenceOf(claimant)));
    return driver;
  }

  async #ofOperator(operatorId: OperatorId, albumId: string): Promise<readonly ShownPhoto[]> {
    const album = await this.#ports.albums.load(albumId);
    return album?.operatorId === operatorId ? this.#ports.photos.list(albumId) : [];
  }
}

function licenceOf({ personId }: Claimant): AlbumOwner {
  return { kind: 'licence', personId };
}
