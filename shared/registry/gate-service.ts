import { untilSaved } from '../kernel/optimistic.ts';
import type { DeviceAccess } from './consequence-service.ts';
import type { CertificateStatus } from './consequences.ts';
import { isShut, standing, standingOfVehicle } from './gate.ts';
import type { PresenceEvent } from './presence.ts';
import { certificatesOf, type Vehicle } from './vehicle.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

/**
 * Cuts off who got in although the registry shuts it out: provisioning may activate a certificate after the
 * change that took it away had its consequences.
 */
export class GateService {
  readonly #vehicles: VehicleRepository;
  readonly #access: DeviceAccess;

  constructor(vehicles: VehicleRepository, access: DeviceAccess) {
    this.#vehicles = vehicles;
    this.#access = access;
  }

  /** @param vehicle as it was after the event had been noted */
  async watch(vehicle: Vehicle, { kind, certificateId }: PresenceEvent): Promise<'let-in' | 'cut-off'> {
    const ofEvent = (seen: Vehicle) => standingOf(seen, certificateId);
    if (kind === 'disconnected' || ofEvent(vehicle) === 'ACTIVE') return 'let-in';
    let seen = vehicle;
    await untilSaved(async () => {
      const status = ofEvent(seen);
      await this.#access.setCertificate(seen, certificateId ?? ownOf(seen), status);
      // The event may be late. Where one certificate may connect, the connection there is now may be that one's:
      // the revocation ends the other's, minutes later.
      if (status !== 'ACTIVE' && isShut(seen)) await this.#access.disconnect(seen);
      if (status === 'REVOKED') return true;
      // A reactivation may have had its consequences before this line undid them.
      seen = (await this.#vehicles.load(vehicle.vehicleId)) ?? seen;
      return ofEvent(seen) === status ? true : undefined;
    });
    return 'cut-off';
  }
}

/** Where the device cloud names no certificate, nobody connects but who may use the vehicle's identity: that is the gate. */
function standingOf(vehicle: Vehicle, certificateId: string | undefined): CertificateStatus {
  return certificateId === undefined ? standingOfVehicle(vehicle) : standing(vehicle, certificateId);
}

function ownOf({ lifeCycle }: Vehicle): string {
  return certificatesOf(lifeCycle)[0]?.certificateId ?? '';
}
