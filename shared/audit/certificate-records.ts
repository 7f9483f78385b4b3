import { certificateOf, type Vehicle } from '../registry/vehicle.ts';
import type { AuditActor, AuditRecord } from './audit-record.ts';

/**
 * What a change of a vehicle in the registry means for its certificates, as the audit keeps it.
 *
 * @param changeId identifies the change, also when it is handed over again: so the records have the same ids
 */
export function certificateRecords(before: Vehicle | undefined, after: Vehicle, changeId: string): AuditRecord[] {
  const former = before === undefined ? undefined : certificateOf(before.lifeCycle)?.certificateId;
  const present = certificateOf(after.lifeCycle)?.certificateId;
  const record = (what: string, certificateId: string, kind: 'vehicle' | 'platform'): AuditRecord => ({
    ...{ recordId: `${changeId}-${what}`, at: after.updatedAt, subject: { kind: 'vehicle', id: after.vehicleId } },
    ...{ action: `certificate.${what}`, actor: actorOf(kind, after), requestId: changeId, outcome: 'done' },
    resource: `certificate/${certificateId}`,
  });
  const replaced = former !== undefined && former !== present ? [record('revoked', former, 'platform')] : [];
  if (present === undefined) return replaced;
  if (former !== present) return [...replaced, record('admitted', present, 'vehicle')];
  const [was, is] = [before?.lifeCycle.status, after.lifeCycle.status];
  if (was === is) return [];
  if (is === 'active')
    return [was === 'suspended' ? record('reactivated', present, 'platform') : record('activated', present, 'vehicle')];
  if (is === 'suspended') return [record('deactivated', present, 'platform')];
  return is === 'retired' ? [record('revoked', present, 'platform')] : [];
}

function actorOf(kind: 'vehicle' | 'platform', { vehicleId }: Vehicle): AuditActor {
  return kind === 'vehicle' ? { kind, id: vehicleId } : { kind };
}
