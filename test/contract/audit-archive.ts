import { expect, test } from 'vitest';
import type { AuditRecord } from '#shared/audit/audit-record.ts';
import type { AuditArchive, AuditTrail } from '#shared/audit/audit-trail.ts';
import { anOperationId, aVehicleId } from './samples.ts';

function anAuditRecord(changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    ...{ recordId: anOperationId(), at: 1_000, subject: { kind: 'vehicle', id: aVehicleId() } },
    ...{ action: 'vehicle.suspend', actor: { kind: 'client', id: 'c' }, requestId: 'r', outcome: 'done' },
    ...changes,
  };
}

export function auditArchiveContract(make: () => Promise<AuditTrail & AuditArchive>): void {
  test('a record that is written twice stays as it was the first time', async () => {
    const archive = await make();
    const record = anAuditRecord();
    await archive.append([record]);
    await archive.append([{ ...record, reason: 'another one' }]);
    expect((await archive.records(record, { limit: 10 })).items).toEqual([record]);
  });

  test('records of one act are written together, and together a second time change nothing', async () => {
    const archive = await make();
    const one = anAuditRecord();
    const other: AuditRecord = { ...one, subject: { kind: 'person', id: 'p' } };
    await archive.append([one, other]);
    await archive.append([one, other]);
    expect((await archive.records(one, { limit: 10 })).items).toEqual([one]);
    expect((await archive.records(other, { limit: 10 })).items).toEqual([other]);
    expect((await archive.records({ subject: { kind: 'platform' } }, { limit: 10 })).items).toEqual([]);
  });

  test('a range has its beginning and not its end', async () => {
    const archive = await make();
    const record = anAuditRecord();
    await archive.append([record]);
    for (const at of [2_000, 3_000]) await archive.append([{ ...record, at }]);
    const { items } = await archive.records({ ...record, from: 1_000, to: 3_000 }, { limit: 10 });
    expect(items.map(({ at }) => at)).toEqual([2_000, 1_000]);
  });

  test('a cursor from elsewhere is refused', async () => {
    const archive = await make();
    await expect(archive.records(anAuditRecord(), { limit: 1, from: 'nonsense' })).rejects.toThrow(/cursor/);
  });
}
