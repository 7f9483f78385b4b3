import type { Export } from '../transfers/export.ts';
import type { Import } from '../transfers/import.ts';
import type { AuditRecord } from './audit-record.ts';

/** How an import ended; undefined while it has not. The same record however often it is asked for. */
export function importRecord({ importId, state }: Import): AuditRecord | undefined {
  if (state.status !== 'done' && state.status !== 'failed') return undefined;
  const run = state.status === 'done' ? state : state.run;
  return { ...ended('import', importId, state), ...(run !== undefined && { counts: { ...run.checkpoint.counts } }) };
}

/** How an export ended; undefined while it has not. */
export function exportRecord({ exportId, state }: Export): AuditRecord | undefined {
  switch (state.status) {
    case 'running':
      return undefined;
    case 'done':
      return { ...ended('export', exportId, state), counts: { vehicles: state.vehicles } };
    case 'failed':
      return ended('export', exportId, state);
  }
}

type End =
  | { readonly status: 'done'; readonly endedAt: number }
  | { readonly status: 'failed'; readonly endedAt: number; readonly problem: { readonly code: string } };

function ended(noun: 'import' | 'export', id: string, end: End): AuditRecord {
  return {
    ...{ recordId: `${id}-ended`, at: end.endedAt, subject: { kind: 'platform' }, requestId: id },
    ...{ action: `${noun}.${end.status}`, actor: { kind: 'platform' }, outcome: end.status },
    ...(end.status === 'failed' && { problem: end.problem.code }),
    resource: `/v1/${noun}s/${id}`,
  };
}
