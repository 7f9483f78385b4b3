import { certificateOf, type Vehicle } from './vehicle.ts';

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
  const former = certificateOf(before.lifeCycle);
  const present = certificateOf(after.lifeCycle);
  const found: Consequence[] = [];
  if (former !== undefined && former.certificateId !== present?.certificateId) {
    found.push({ kind: 'set-certificate', certificateId: former.certificateId, status: 'REVOKED' });
    // The same key asked again: its new certificate may be connected already, and must not be cut off.
    if (former.deviceKeySha256 !== present?.deviceKeySha256) found.push({ kind: 'disconnect' });
  }
  if (present === undefined || before.lifeCycle.status === after.lifeCycle.status) return found;
  const { certificateId } = present;
  switch (after.lifeCycle.status) {
    case 'suspended':
      return [...found, { kind: 'set-certificate', certificateId, status: 'INACTIVE' }, { kind: 'disconnect' }];
    case 'retired':
      return [...found, { kind: 'set-certificate', certificateId, status: 'REVOKED' }, { kind: 'disconnect' }];
    case 'active':
      if (before.lifeCycle.status !== 'suspended') return found;
      return [...found, { kind: 'set-certificate', certificateId, status: 'ACTIVE' }];
    case 'expected':
    case 'provisioned':
      return found;
  }
}

function ofAnnouncements(before: Vehicle | undefined, after: Vehicle): Consequence[] {
  const names: DomainEventName[] = [];
  if (before === undefined) names.push('VehicleRegistered');
  if (before?.lifeCycle.status !== after.lifeCycle.status) names.push(...arrival(before, after));
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
