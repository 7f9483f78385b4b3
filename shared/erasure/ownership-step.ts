import type { PersonId } from '../access/person.ts';
import type { Clock, Instant } from '../kernel/clock.ts';
import type { OwnershipErasureService } from '../ownership/erasure-service.ts';
import type { OwnershipChange } from '../ownership/ownership.ts';
import type { OwnershipErasure, OwnershipRepository } from '../ownership/ownership-repository.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { clockAhead } from '../telemetry/batch.ts';
import type { Erasure, ReportedSpan } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

export interface OwnershipStepPorts {
  readonly service: OwnershipErasureService;
  readonly erasure: OwnershipErasure;
  readonly ownerships: OwnershipRepository;
  readonly clock: Clock;
  /** The person's username, while there still is one. */
  readonly usernameOf: (personId: PersonId) => Promise<string | undefined>;
}

/** What ownership keeps. Its own rules end it, so that everybody who follows owners hears of it. */
export class OwnershipStep implements ErasureStep {
  readonly category = 'ownership';
  readonly where = 'Ownership';
  readonly #ports: OwnershipStepPorts;

  constructor(ports: OwnershipStepPorts) {
    this.#ports = ports;
  }

  async find({ subject, state }: Erasure): Promise<Found> {
    if (subject.kind === 'person') return this.#ofPerson(subject.personId, state.status === 'running');
    const changes = await this.#history(subject.vehicleId);
    const present = await this.#ports.ownerships.load(subject.vehicleId);
    const count = changes.length + (present === undefined ? 0 : 1);
    return count === 0 ? { keys: [] } : { keys: ['vehicle'], count };
  }

  async erase({ subject, erasureId, askedAt }: Erasure): Promise<void> {
    const { service, usernameOf } = this.#ports;
    // The same whenever it is repeated: so are the events' names.
    const operation = { operationId: erasureId.slice('ers-'.length), startedAt: askedAt };
    if (subject.kind === 'vehicle') await service.eraseVehicle(subject.vehicleId, operation);
    else await service.erasePerson(subject.personId, await usernameOf(subject.personId), operation);
  }

  /** When the person owned what: written down before their name leaves the history. */
  async #ofPerson(personId: PersonId, isFirst: boolean): Promise<Found> {
    const vehicles = await this.#ports.erasure.vehiclesOf(personId);
    const now = this.#ports.clock.now();
    const spans: ReportedSpan[] = [];
    let count = 0;
    for (const vehicleId of vehicles) {
      const changes = await this.#history(vehicleId);
      count += changes.filter(({ from, to }) => from === personId || to === personId).length;
      spans.push(...spansOf(personId, vehicleId, changes, now));
    }
    // Who owned nothing may have been offered something, or have tried to claim it.
    return vehicles.length === 0 && !isFirst ? { keys: [] } : { keys: ['person'], count, spans };
  }

  /** The oldest first. */
  async #history(vehicleId: VehicleId): Promise<readonly OwnershipChange[]> {
    const changes: OwnershipChange[] = [];
    let from: string | undefined;
    do {
      const page = { limit: 100, ...(from !== undefined && { from }) };
      const { items, next } = await this.#ports.ownerships.history(vehicleId, page);
      changes.push(...items);
      from = next;
    } while (from !== undefined);
    return changes.sort((one, other) => one.at - other.at);
  }
}

/**
 * Readings carry the vehicle's time, which may be off: what was measured while they owned it may say that it was
 * before or after.
 *
 * @param changes of one vehicle, the oldest first
 */
export function spansOf(
  personId: PersonId,
  vehicleId: VehicleId,
  changes: readonly Pick<OwnershipChange, 'from' | 'to' | 'at'>[],
  now: Instant,
): readonly ReportedSpan[] {
  return changes.flatMap(({ to, at }, index) => {
    if (to !== personId) return [];
    const until = changes[index + 1]?.at ?? now;
    return [{ vehicleId, from: at - clockAhead, to: until + clockAhead }];
  });
}
