import type { PersonId } from '../access/person.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { ClaimCode } from './claim-code.ts';
import type { Offer, Ownership, OwnershipChange, Step } from './ownership.ts';

/** An offer as its recipient finds it. */
export interface ReceivedOffer extends Offer {
  readonly vehicleId: VehicleId;
  /** Who has accepted it; absent while it is open. */
  readonly acceptedBy?: PersonId;
}

export interface OwnershipRepository {
  load(vehicleId: VehicleId): Promise<Ownership | undefined>;
  /**
   * Next state, line of history, the recipient's copy of the offer and the used code, all or nothing. False when the
   * ownership is not what was seen any more, or the code is not this one.
   */
  save(step: Step): Promise<boolean>;
  /** What the person owns, by how long they have; a change shows a moment later. Throws `bad-cursor`. */
  ownedBy(personId: PersonId, page: PageRequest): Promise<Page<Ownership>>;
  /** The newest first. Throws `bad-cursor`. */
  history(vehicleId: VehicleId, page: PageRequest): Promise<Page<OwnershipChange>>;
  offersTo(recipient: string, page: PageRequest): Promise<Page<ReceivedOffer>>;
  offer(recipient: string, offerId: string): Promise<ReceivedOffer | undefined>;
}

export interface ClaimCodeRepository {
  load(vehicleId: VehicleId): Promise<ClaimCode | undefined>;
  /** False when another code was made since `seen` was loaded. */
  replace(code: ClaimCode, seen: ClaimCode | undefined): Promise<boolean>;
  markPublished(code: Pick<ClaimCode, 'vehicleId' | 'revision'>): Promise<void>;
  /** Uses one of the code's tries up. False when it has none left, is over, or is another by now. */
  takeTry(code: Pick<ClaimCode, 'vehicleId' | 'revision'>, now: Instant): Promise<boolean>;
}

/** A person may try so often in so many milliseconds. */
export interface TryLimit {
  readonly most: number;
  readonly window: number;
}

export interface ClaimTries {
  /**
   * Counts a try before it is made. Where there were too many: when the next one may be made.
   *
   * @param subject what is tried; each has a count of its own
   */
  take(personId: PersonId, subject: string, limit: TryLimit, now: Instant): Promise<Instant | undefined>;
}

/** What is kept of persons and vehicles, for whoever has to erase it. Each call may be repeated. */
export interface OwnershipErasure {
  /** Every vehicle that the person owns or ever owned. */
  vehiclesOf(personId: PersonId): Promise<readonly VehicleId[]>;
  /** Takes the person out of the vehicle's history: what happened stays, who it was goes. Gives the number of lines. */
  forgetInHistory(vehicleId: VehicleId, personId: PersonId): Promise<number>;
  /** The person's counts and list of vehicles, and what was offered to the username. Gives the number of items. */
  forgetPerson(personId: PersonId, recipient: string | undefined): Promise<number>;
  /** Ownership, code, offer and history of the vehicle. Gives the number of items. */
  forgetVehicle(vehicleId: VehicleId): Promise<number>;
}
