import { certificatesOf, type DeviceCertificate, type Vehicle } from './vehicle.ts';

/** What has to happen outside the registry because a vehicle changed in it. Each may be carried out twice. */
export type Consequence =
  | { readonly kind: 'set-certificate'; readonly certificateId: string; readonly status: CertificateStatus }
  /** Closes the vehicle's connection: a certificate's status alone acts only minutes later. */
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'announce'; readonly event: DomainEvent };

export type CertificateStatus = 'ACTIVE' | 'INACTIVE' | 'REVOKED';

export type DomainEventName =
  | 'VehicleRegistered'
  | 'VehicleProvisioned'
  | 'VehicleActivated'
  | 'VehicleSuspended'
  | 'VehicleReactivated'
  | 'VehicleRetired'
  | 'VehicleCertificateChanged'
  | 'VehicleSoftwareChanged';

/** Never the VIN: who listens to events need not know it. */
export interface DomainEvent {
  readonly name: DomainEventName;
  readonly vehicleId: string;
  readonly brand: string;
  readonly model: string;
  readonly market: string;
  readonly status: string;
  readonly softwareVersion?: string;
  readonly at: number;
}

/** @param before undefined when the vehicle was registered just now */
export function consequences(before: Vehicle | undefined, after: Vehicle): readonly Consequence[] {
  return [...ofCertificates(before, after), ...ofAnnouncements(before, after)];
}

function ofCertificates(before: Vehicle | undefined, after: Vehicle): Consequence[] {
  if (before === undefined) return [];
  const former = certificatesOf(before.lifeCycle);
  const present = certificatesOf(after.lifeCycle);
  const found = former
    .filter((certificate) => !isAmong(present, certificate))
    .map((certificate) => setTo(certificate, 'REVOKED'));
  // The same key asked again: its new certificate may be connected already, and must not be cut off.
  const isOfAnotherKey = former.some((one) => present.some((other) => one.deviceKeySha256 !== other.deviceKeySha256));
  if (before.lifeCycle.status === 'provisioned' && found.length > 0 && isOfAnotherKey) {
    found.push({ kind: 'disconnect' });
  }
  if (before.lifeCycle.status === after.lifeCycle.status || present.length === 0) return found;
  switch (after.lifeCycle.status) {
    case 'suspended':
      return [...found, ...present.map((each) => setTo(each, 'INACTIVE')), { kind: 'disconnect' }];
    case 'retired':
      return [...found, ...present.map((each) => setTo(each, 'REVOKED')), { kind: 'disconnect' }];
    case 'active':
      if (before.lifeCycle.status !== 'suspended') return found;
      return [...found, ...present.map((each) => setTo(each, 'ACTIVE'))];
    case 'expected':
    case 'provisioned':
      return found;
  }
}

function setTo({ certificateId }: DeviceCertificate, status: CertificateStatus): Consequence {
  return { kind: 'set-certificate', certificateId, status };
}

function isAmong(certificates: readonly DeviceCertificate[], { certificateId }: DeviceCertificate): boolean {
  return certificates.some((each) => each.certificateId === certificateId);
}

function ofAnnouncements(before: Vehicle | undefined, after: Vehicle): Consequence[] {
  const names: DomainEventName[] = [];
  if (before === undefined) names.push('VehicleRegistered');
  if (before?.lifeCycle.status !== after.lifeCycle.status) names.push(...arrival(before, after));
  if (before?.lifeCycle.status === 'active' && after.lifeCycle.status === 'active') {
    const [former] = certificatesOf(before.lifeCycle);
    const [present] = certificatesOf(after.lifeCycle);
    if (former?.certificateId !== present?.certificateId) names.push('VehicleCertificateChanged');
  }
  if (after.softwareVersion !== undefined && before?.softwareVersion !== after.softwareVersion) {
    names.push('VehicleSoftwareChanged');
  }
  return names.map((name) => ({ kind: 'announce', event: eventOf(name, after) }));
}

function arrival(before: Vehicle | undefined, after: Vehicle): DomainEventName[] {
  switch (after.lifeCycle.status) {
    case 'expected':
      return [];
    case 'provisioned':
      return ['VehicleProvisioned'];
    case 'active':
      return [before?.lifeCycle.status === 'suspended' ? 'VehicleReactivated' : 'VehicleActivated'];
    case 'suspended':
      return ['VehicleSuspended'];
    case 'retired':
      return ['VehicleRetired'];
  }
}

function eventOf(name: DomainEventName, vehicle: Vehicle): DomainEvent {
  const { vehicleId, brand, model, market, softwareVersion, updatedAt } = vehicle;
  return {
    ...{ name, vehicleId, brand, model, market, status: vehicle.lifeCycle.status, at: updatedAt },
    ...(softwareVersion !== undefined && { softwareVersion }),
  };
}
