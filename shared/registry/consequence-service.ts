import { type CertificateStatus, type Consequence, consequences, type DomainEvent } from './consequences.ts';
import type { Vehicle } from './vehicle.ts';

/** A vehicle, as far as its device cloud needs to know it. */
export type VehicleAtHome = Pick<Vehicle, 'vehicleId' | 'home' | 'lifeCycle' | 'version'>;

/** Who may connect, in whatever device cloud. Each call may come twice. */
export interface DeviceAccess {
  /** @param vehicle whose certificate it is, or was */
  setCertificate(vehicle: VehicleAtHome, certificateId: string, status: CertificateStatus): Promise<void>;
  disconnect(vehicle: VehicleAtHome): Promise<void>;
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
    for (const consequence of consequences(before, after)) await this.#carryOut(consequence, after, changeId);
  }

  async #carryOut(consequence: Consequence, vehicle: Vehicle, changeId: string): Promise<void> {
    switch (consequence.kind) {
      case 'set-certificate':
        return this.#access.setCertificate(vehicle, consequence.certificateId, consequence.status);
      case 'disconnect':
        return this.#access.disconnect(vehicle);
      case 'announce':
        return this.#events.announce(consequence.event, `${changeId}-${consequence.event.name}`);
    }
  }
}
