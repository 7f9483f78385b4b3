import type { Caller } from '../access/caller.ts';
import { Failure } from '../kernel/failure.ts';
import type { TwinRepository } from '../twins/twin-repository.ts';
import type { Capabilities } from '../vehicle-cloud/capabilities.ts';
import { type CertificateWish, certificateTwin } from '../vehicle-cloud/certificate-wish.ts';
import type { CertificateStatus } from './consequences.ts';
import { standing } from './gate.ts';
import type { Home } from './home.ts';
import { certificatesOf, type DeviceCertificate, nextOf, type Vehicle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { VehicleService } from './vehicle-service.ts';

export interface CertificatePorts {
  readonly vehicles: VehicleService;
  readonly twins: Pick<TwinRepository, 'patchDesired'>;
  readonly capabilitiesOf: (home: Home | undefined) => Capabilities;
  /** Where a vehicle has its next certificate registered. */
  readonly rotationTopic: string;
}

/** A certificate that the registry holds for a vehicle, and what it opens today. */
export interface HeldCertificate extends DeviceCertificate {
  readonly use: 'present' | 'next';
  readonly status: CertificateStatus;
}

/** What operators see of certificates, and ask for. */
export class CertificateService {
  readonly #ports: CertificatePorts;

  constructor(ports: CertificatePorts) {
    this.#ports = ports;
  }

  async list(caller: Caller, vehicleId: VehicleId): Promise<readonly HeldCertificate[]> {
    const vehicle = await this.#ports.vehicles.require(caller, vehicleId);
    const next = nextOf(vehicle.lifeCycle)?.certificate.certificateId;
    return certificatesOf(vehicle.lifeCycle).map((certificate) => ({
      ...certificate,
      use: certificate.certificateId === next ? 'next' : 'present',
      status: standing(vehicle, certificate.certificateId),
    }));
  }

  /**
   * Asks the vehicle to change its certificate when it can: it hears it at once or on its next connection, and twice
   * does no harm.
   */
  async askForRotation(
    caller: Caller,
    vehicleId: VehicleId,
  ): Promise<{ readonly certificateId: string; readonly state: 'asked' | 'under-way' }> {
    const { lifeCycle, home } = await this.#ports.vehicles.require(caller, vehicleId);
    if (lifeCycle.status !== 'active') throw notActive(lifeCycle.status);
    if (!this.#ports.capabilitiesOf(home).rotation) throw notOffered();
    const { certificateId } = lifeCycle.certificate;
    const wish: CertificateWish = { replace: certificateId, topic: this.#ports.rotationTopic };
    await this.#ports.twins.patchDesired(vehicleId, certificateTwin, { ...wish });
    return { certificateId, state: lifeCycle.next === undefined ? 'asked' : 'under-way' };
  }
}

function notOffered(): Failure {
  return new Failure('conflict', 'rotation-not-offered', 'In the home of this vehicle certificates are not changed.', {
    resolution:
      'Its plant signs another one for its vehicleId; the vehicle goes on under it without provisioning itself.',
  });
}

function notActive(status: Exclude<Vehicle['lifeCycle']['status'], 'active'>): Failure {
  return new Failure('conflict', `vehicle-${status}`, `The vehicle is ${status}: it has no certificate to change.`, {
    resolution: status === 'suspended' ? 'Reactivate it first.' : 'Only an active vehicle changes its certificate.',
  });
}
