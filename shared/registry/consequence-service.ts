import { type CertificateStatus, type Consequence, consequences, type DomainEvent } from './consequences.ts';
import type { Vehicle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';

/** Who may connect, in whatever device cloud. Each call may come twice. */
export interface DeviceAccess {
  setCertificate(certificateId: string, status: CertificateStatus): Promise<void>;
  disconnect(vehicleId: VehicleId): Promise<void>;
}

export interface DomainEvents {
  /** @param eventId the same for the same event: subscribers drop repetitions by it */
  announce(event: DomainEvent, eventId: string): Promise<void>;
}

/** Carries out what a change of a vehicle entails. The shutting out comes first, the telling last. */
export class ConsequenceService {
  readonly #access: DeviceAccess;
  readonly #events: DomainEvents;

  constructor(access: DeviceAccess, events: DomainEvents) {
    this.#access = access;
    this.#events = events;
  }

  /** @param changeId identifies the change, also when it is handed over again */
  async follow(before: Vehicle | undefined, after: Vehicle, changeId: string): Promise<void> {
    for (const consequence of consequences(before, after)) await this.#carryOut(consequence, after.vehicleId, changeId);
  }

  async #carryOut(consequence: Consequence, vehicleId: VehicleId, changeId: string): Promise<void> {
    switch (consequence.kind) {
      case 'set-certificate':
        return this.#access.setCertificate(consequence.certificateId, consequence.status);
      case 'disconnect':
        return this.#access.disconnect(vehicleId);
      case 'announce':
        return this.#events.announce(consequence.event, `${changeId}-${consequence.event.name}`);
    }
  }
}
