import type { Operation } from '../access/idempotent-operation.ts';
import type { Person } from '../access/person.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import {
  accepted,
  ended,
  handoverToOneself,
  notYours,
  type Offer,
  type Ownership,
  type OwnershipChange,
  offered,
  offerNotFound,
  openOffer,
  withoutOffer,
} from './ownership.ts';
import type { OwnershipRepository, ReceivedOffer } from './ownership-repository.ts';
import { recipientOf } from './recipient.ts';

export interface OwnershipPorts {
  readonly ownerships: OwnershipRepository;
  readonly clock: Clock;
  /** Of a username: it is personal data, and an offer has only to be found again. */
  readonly digest: (text: string) => string;
}

/** An ownership that has an owner. */
export type Owned = Ownership & { readonly owner: NonNullable<Ownership['owner']> };

/** What owners do with their vehicles: list them, hand them on, give them up. */
export class OwnershipService {
  readonly #ports: OwnershipPorts;

  constructor(ports: OwnershipPorts) {
    this.#ports = ports;
  }

  /** For everybody but the owner there is no such vehicle. */
  async require({ personId }: Pick<Person, 'personId'>, vehicleId: VehicleId): Promise<Owned> {
    const ownership = await this.#ports.ownerships.load(vehicleId);
    if (ownership?.owner?.personId !== personId) throw notYours();
    return { ...ownership, owner: ownership.owner };
  }

  list({ personId }: Pick<Person, 'personId'>, page: PageRequest): Promise<Page<Ownership>> {
    return this.#ports.ownerships.ownedBy(personId, page);
  }

  load(vehicleId: VehicleId): Promise<Ownership | undefined> {
    return this.#ports.ownerships.load(vehicleId);
  }

  history(vehicleId: VehicleId, page: PageRequest): Promise<Page<OwnershipChange>> {
    return this.#ports.ownerships.history(vehicleId, page);
  }

  /** Replaces an offer that was made before. */
  async offer(person: Person, vehicleId: VehicleId, to: string, { operationId }: Operation): Promise<Offer> {
    const { ownerships, clock } = this.#ports;
    const offer = { offerId: operationId, recipient: this.#recipient(to) };
    return untilSaved(async () => {
      const seen = await this.require(person, vehicleId);
      if (offer.recipient === this.#recipient(person.username)) throw handoverToOneself();
      const step = offered(seen, offer, clock.now());
      return step === undefined || (await ownerships.save(step)) ? (step?.next ?? seen).offer : undefined;
    });
  }

  /** Withdrawing what is not offered changes nothing. */
  async withdraw(person: Person, vehicleId: VehicleId): Promise<Ownership> {
    return untilSaved(async () => {
      const seen = await this.require(person, vehicleId);
      if (seen.offer === undefined) return seen;
      const step = withoutOffer(seen);
      return (await this.#ports.ownerships.save(step)) ? step.next : undefined;
    });
  }

  async giveUp(person: Person, vehicleId: VehicleId, { operationId: changeId }: Operation): Promise<OwnershipChange> {
    const { ownerships, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.require(person, vehicleId);
      const step = ended(seen, { personId: person.personId, changeId, reason: 'given-up' }, clock.now());
      if (step === undefined) throw notYours();
      return (await ownerships.save(step)) ? step.change : undefined;
    });
  }

  /** What the person is offered at present. */
  async offersTo(person: Person, page: PageRequest): Promise<Page<ReceivedOffer>> {
    const { ownerships, clock } = this.#ports;
    const found = await ownerships.offersTo(this.#recipient(person.username), page);
    const now = clock.now();
    return { ...found, items: found.items.filter((offer) => isOpen(offer) && offer.expiresAt > now) };
  }

  /** Accepting again what one has accepted changes nothing, as long as the vehicle is still one's own. */
  async accept(person: Person, offerId: string, { operationId: changeId }: Operation): Promise<Owned> {
    const { ownerships, clock } = this.#ports;
    return untilSaved(async () => {
      const found = await this.#received(person, offerId);
      if (found.acceptedBy === person.personId) return this.require(person, found.vehicleId);
      const seen = await ownerships.load(found.vehicleId);
      if (seen === undefined || !isOpen(found)) throw offerNotFound();
      // A copy that was read a moment too early tells of an offer that is over: the ownership has the last word.
      const step = accepted(seen, { offerId, personId: person.personId, changeId }, clock.now());
      return (await ownerships.save(step)) ? this.require(person, found.vehicleId) : undefined;
    });
  }

  /** For an answer that is given again: it must not name an offer that nobody can accept any more. */
  async requireOffered(person: Person, vehicleId: VehicleId, offerId: string): Promise<void> {
    const seen = await this.require(person, vehicleId);
    if (openOffer(seen, this.#ports.clock.now())?.offerId !== offerId) throw offerOver();
  }

  /** For an answer that is given again: whose offer it was. */
  async requireAccepted(person: Person, offerId: string): Promise<void> {
    const { acceptedBy, vehicleId } = await this.#received(person, offerId);
    if (acceptedBy !== person.personId) throw offerNotFound();
    await this.require(person, vehicleId);
  }

  async decline(person: Person, offerId: string): Promise<ReceivedOffer> {
    const { ownerships, clock } = this.#ports;
    return untilSaved(async () => {
      const found = await this.#received(person, offerId);
      const seen = await ownerships.load(found.vehicleId);
      if (seen === undefined || openOffer(seen, clock.now())?.offerId !== offerId) throw offerNotFound();
      return (await ownerships.save(withoutOffer(seen))) ? found : undefined;
    });
  }

  #recipient(username: string): string {
    return recipientOf(username, this.#ports.digest);
  }

  async #received(person: Person, offerId: string): Promise<ReceivedOffer> {
    const found = await this.#ports.ownerships.offer(this.#recipient(person.username), offerId);
    if (found === undefined) throw offerNotFound();
    return found;
  }
}

function offerOver(): Failure {
  return new Failure('conflict', 'offer-over', 'What was offered under this Idempotency-Key is offered no more.', {
    resolution: 'Offer it again under a new Idempotency-Key.',
  });
}

function isOpen({ acceptedBy }: ReceivedOffer): boolean {
  return acceptedBy === undefined;
}
