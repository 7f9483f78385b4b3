import type { DeviceAccess, VehicleAtHome } from '#shared/registry/consequence-service.ts';
import type { CertificateStatus } from '#shared/registry/consequences.ts';
import { firstHome, type Home } from '#shared/registry/home.ts';

/** A vehicle is let in, or shut out, where it is at home. */
export class HomeAccess implements DeviceAccess {
  readonly #first: DeviceAccess;
  readonly #elsewhere: (home: Home) => DeviceAccess;

  constructor(first: DeviceAccess, elsewhere: (home: Home) => DeviceAccess) {
    this.#first = first;
    this.#elsewhere = elsewhere;
  }

  setCertificate(vehicle: VehicleAtHome, certificateId: string, status: CertificateStatus): Promise<void> {
    return this.#at(vehicle).setCertificate(vehicle, certificateId, status);
  }

  disconnect(vehicle: VehicleAtHome): Promise<void> {
    return this.#at(vehicle).disconnect(vehicle);
  }

  #at({ home }: VehicleAtHome): DeviceAccess {
    return home === undefined || home.name === firstHome ? this.#first : this.#elsewhere(home);
  }
}
