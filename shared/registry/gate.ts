import type { CertificateStatus } from './consequences.ts';
import { certificatesOf, type Vehicle } from './vehicle.ts';

/** What a certificate that connects as this vehicle ought to be, by what the registry says today. */
export function standing(vehicle: Vehicle, certificateId: string): CertificateStatus {
  const isItsOwn = certificatesOf(vehicle.lifeCycle).some((each) => each.certificateId === certificateId);
  return isItsOwn ? standingOfVehicle(vehicle) : 'REVOKED';
}

/** The same of whatever the vehicle may connect with. */
export function standingOfVehicle(vehicle: Vehicle): CertificateStatus {
  switch (vehicle.lifeCycle.status) {
    case 'provisioned':
    case 'active':
      return 'ACTIVE';
    case 'suspended':
      return 'INACTIVE';
    case 'expected':
    case 'retired':
      return 'REVOKED';
  }
}

/** Whether no certificate at all may connect as this vehicle. */
export function isShut({ lifeCycle: { status } }: Vehicle): boolean {
  return status === 'suspended' || status === 'retired';
}
