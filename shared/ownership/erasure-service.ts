import type { Operation } from '../access/idempotent-operation.ts';
import type { PersonId } from '../access/person.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { ended, withoutOffer } from './ownership.ts';
import type { OwnershipErasure, ReceivedOffer } from './ownership-repository.ts';
import type { OwnershipPorts } from './ownership-service.ts';
import { recipientOf } from './recipient.ts';

export interface OwnershipErasurePorts extends OwnershipPorts {
  readonly erasure: OwnershipErasure;
}

/** What of a person stood in the ownerships and does no longer. */
export interface ErasedPerson {
  /** Vehicles that have no owner now because of it. */
  readonly released: readonly VehicleId[];
  /** Lines of vehicles' histories that named the person. What happened and when stays in them. */
  readonly historyLines: number;
  /** The person's own list of vehicles, counts of tries, offers to them. */
  readonly items: number;
}

/**
 * Erases persons and vehicles from the ownerships. Each change of an owner is announced as `erased` like any other.
 * A run that broke off is simply repeated, under the same operation.
 */
export class OwnershipErasureService {
  readonly #ports: OwnershipErasurePorts;

  constructor(ports: OwnershipErasurePorts) {
    this.#ports = ports;
  }

  /**
   * Ends what the person owns and takes them out of every history.
   *
   * @param username while it is still known: what was offered to it goes, too
   */
  async erasePerson(personId: PersonId, username: string | undefined, operation: Operation): Promise<ErasedPerson> {
    const { erasure, digest } = this.#ports;
    const released: VehicleId[] = [];
    let historyLines = 0;
    for (const vehicleId of await erasure.vehiclesOf(personId)) {
      if (await this.#release(vehicleId, personId, operation)) released.push(vehicleId);
      historyLines += await erasure.forgetInHistory(vehicleId, personId);
    }
    const recipient = username === undefined ? undefined : recipientOf(username, digest);
    if (recipient !== undefined) await this.#declineAll(recipient);
    return { released, historyLines, items: await erasure.forgetPerson(personId, recipient) };
  }

  /** Ownership, code, offer and history go. Gives the number of items that were kept of the vehicle. */
  async eraseVehicle(vehicleId: VehicleId, operation: Operation): Promise<number> {
    const { ownerships, erasure } = this.#ports;
    const owner = (await ownerships.load(vehicleId))?.owner;
    if (owner !== undefined) await this.#release(vehicleId, owner.personId, operation);
    return erasure.forgetVehicle(vehicleId);
  }

  /** False where the vehicle was not the person's. */
  #release(vehicleId: VehicleId, personId: PersonId, { operationId: changeId }: Operation): Promise<boolean> {
    const { ownerships, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await ownerships.load(vehicleId);
      const step = seen && ended(seen, { personId, changeId, reason: 'erased' }, clock.now());
      if (step === undefined) return false;
      return (await ownerships.save(step)) ? true : undefined;
    });
  }

  async #declineAll(recipient: string): Promise<void> {
    let from: string | undefined;
    do {
      const page = { limit: 25, ...(from !== undefined && { from }) };
      const { items, next } = await this.#ports.ownerships.offersTo(recipient, page);
      for (const offer of items) await this.#decline(offer);
      from = next;
    } while (from !== undefined);
  }

  #decline({ vehicleId, offerId }: ReceivedOffer): Promise<true> {
    const { ownerships } = this.#ports;
    return untilSaved(async () => {
      const seen = await ownerships.load(vehicleId);
      if (seen?.offer?.offerId !== offerId) return true;
      return (await ownerships.save(withoutOffer(seen))) ? true : undefined;
    });
  }
}
