import type { AdmissionAnswer } from '../vehicle-cloud/device-post.ts';
import type { Refusal } from './admission.ts';
import type { FleetService } from './fleet-service.ts';
import { type HomeName, homeOf } from './home.ts';
import type { DeviceCertificate, Vehicle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

export interface HomeAdmissionPorts {
  readonly fleet: Pick<FleetService, 'admit'>;
  readonly vehicles: Pick<VehicleRepository, 'load'>;
  /** Undefined where it is no certificate, or names another vehicle than this one. */
  readonly certificateIn: (certificatePem: string, vehicleId: VehicleId) => DeviceCertificate | undefined;
  readonly words: WordCalls;
}

/** Has the platform say once more what it has to say to a vehicle, as soon as it is known where it is at home. */
export interface WordCalls {
  sayAgain(vehicleId: VehicleId): Promise<void>;
}

export interface HomeAdmission {
  readonly answer: AdmissionAnswer;
  /** For the log alone; absent where it is admitted. */
  readonly reason?: Refusal | 'other-vehicle' | 'no-certificate';
}

/** Whether a device may be the vehicle that its certificate of the plant names, in a home that is not the first one. */
export class HomeAdmissionService {
  readonly #ports: HomeAdmissionPorts;

  constructor(ports: HomeAdmissionPorts) {
    this.#ports = ports;
  }

  /** @param asked by a device that has proved to the home that it holds the certificate's key */
  async ask(
    home: HomeName,
    asked: {
      readonly vehicleId: VehicleId;
      readonly vin: string;
      readonly registrationId: string;
      readonly certificatePem: string;
    },
  ): Promise<HomeAdmission> {
    const { vehicleId, vin, registrationId, certificatePem } = asked;
    const { fleet, vehicles, certificateIn, words } = this.#ports;
    if (registrationId !== vehicleId) return refused('other-vehicle');
    const certificate = certificateIn(certificatePem, vehicleId);
    if (certificate === undefined) return refused('no-certificate');
    // Looked at before anything is reserved: whose VIN it is never changes.
    const vehicle = await vehicles.load(vehicleId);
    if (vehicle === undefined || vehicle.vin !== vin) return refused('vin-not-expected');
    if (homeOf(vehicle).name !== home) return refused('other-home');
    // It asks again with what it connects with already: a vehicle that has forgotten where it belongs, or that its home
    // has lost, together with all that was said to it.
    if (isItsOwn(vehicle, certificate)) {
      await words.sayAgain(vehicleId);
      return admitted(vehicle);
    }
    const admission = await fleet.admit(vin, certificate, home);
    return admission.admitted ? admitted(admission.vehicle) : refused(admission.reason);
  }
}

function isItsOwn({ lifeCycle }: Vehicle, { certificateId }: DeviceCertificate): boolean {
  return lifeCycle.status === 'active' && lifeCycle.certificate.certificateId === certificateId;
}

function admitted(vehicle: Vehicle): HomeAdmission {
  const { brand, market } = vehicle;
  return { answer: { admitted: true, brand, market, epoch: homeOf(vehicle).epoch } };
}

function refused(reason: NonNullable<HomeAdmission['reason']>): HomeAdmission {
  return { answer: { admitted: false }, reason };
}
