import { certificatesOf, type DeviceCertificate, type Vehicle } from '../registry/vehicle.ts';
import type { AuditActor, AuditRecord } from './audit-record.ts';

type Kind = 'vehicle' | 'platform';

/**
 * What a change of a vehicle in the registry means for its certificates, as the audit keeps it.
 *
 * @param changeId identifies the change, also when it is handed over again: so the records have the same ids
 */
export function certificateRecords(before: Vehicle | undefined, after: Vehicle, changeId: string): AuditRecord[] {
  const former = before === undefined ? [] : certificatesOf(before.lifeCycle);
  const present = certificatesOf(after.lifeCycle);
  const records = (what: string, certificates: readonly DeviceCertificate[], kind: Kind): AuditRecord[] =>
    certificates.map(({ certificateId }, index) => ({
      recordId: index === 0 ? `${changeId}-${what}` : `${changeId}-${what}-${index + 1}`,
      ...{ at: after.updatedAt, subject: { kind: 'vehicle', id: after.vehicleId } },
      ...{ action: `certificate.${what}`, actor: actorOf(kind, after), requestId: changeId, outcome: 'done' },
      resource: `certificate/${certificateId}`,
    }));
  const replaced = records('revoked', without(former, present), 'platform');
  const admitted = records('admitted', without(present, former), 'vehicle');
  const [was, is] = [before?.lifeCycle.status, after.lifeCycle.status];
  if (was === is) return [...replaced, ...admitted, ...records('activated', promoted(former, present), 'vehicle')];
  if (admitted.length > 0 || present.length === 0) return [...replaced, ...admitted];
  switch (is) {
    case 'active':
      return was === 'suspended'
        ? records('reactivated', present, 'platform')
        : records('activated', present, 'vehicle');
    case 'suspended':
      return records('deactivated', present, 'platform');
    case 'retired':
      return records('revoked', present, 'platform');
    case 'expected':
    case 'provisioned':
      return replaced;
  }
}

/** The one that the vehicle changed to, once it has connected with it. */
function promoted(former: readonly DeviceCertificate[], present: readonly DeviceCertificate[]): DeviceCertificate[] {
  const [own] = present;
  const isNew = own !== undefined && former.slice(1).some((each) => each.certificateId === own.certificateId);
  return isNew ? [own] : [];
}

function without(some: readonly DeviceCertificate[], others: readonly DeviceCertificate[]): DeviceCertificate[] {
  return some.filter((one) => others.every((other) => other.certificateId !== one.certificateId));
}

function actorOf(kind: Kind, { vehicleId }: Vehicle): AuditActor {
  return kind === 'vehicle' ? { kind, id: vehicleId } : { kind };
}
