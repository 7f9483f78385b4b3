import type { Operation } from '../access/idempotent-operation.ts';
import type { Instant } from '../kernel/clock.ts';
import type { VehicleQuery } from '../registry/vehicle-repository.ts';
import type { PartedFile } from './parted-file.ts';
import { attempted, type Lease } from './task.ts';
import type { TransferFormat } from './transfer-format.ts';

export type ExportId = string & { readonly exportId: unique symbol };

export const exportIdPattern = /^exp-[a-z2-7]{20}$/;

export function isExportId(text: string): text is ExportId {
  return exportIdPattern.test(text);
}

/** How far it has come. What stands in `file` and in `rest` is what the vehicles before `from` gave. */
export interface Written {
  readonly file: PartedFile;
  readonly vehicles: number;
  readonly bytes: number;
  /** Name of what is too little for a part. */
  readonly rest?: string;
  /** Where the registry's next page begins; absent: at its beginning. */
  readonly from?: string;
}

export const exportProblemCodes = ['given-up', 'stalled'] as const;

export interface ExportProblem {
  readonly code: (typeof exportProblemCodes)[number];
  readonly detail: string;
}

export type ExportState =
  | { readonly status: 'running'; readonly lease: Lease; readonly written: Written }
  | { readonly status: 'done'; readonly endedAt: Instant; readonly vehicles: number; readonly bytes: number }
  | { readonly status: 'failed'; readonly endedAt: Instant; readonly problem: ExportProblem };

/** Which vehicles, and what of them. Their brands are those for which the client acted when it began. */
export interface ExportOrder {
  readonly format: TransferFormat;
  readonly query: Omit<VehicleQuery, 'softwareVersion'>;
  /** The registrations, as an import takes them; else what is no personal data. */
  readonly withVin: boolean;
  /** Why somebody takes it out of the house. */
  readonly reason: string;
}

export interface Export extends ExportOrder {
  readonly exportId: ExportId;
  /** Whose it is; nobody else sees it. */
  readonly clientId: string;
  readonly createdAt: Instant;
  /** Of its last step forward. */
  readonly updatedAt: Instant;
  readonly state: ExportState;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

export type RunningExport = Export & { readonly state: Extract<ExportState, { status: 'running' }> };

export function isRunning(task: Export): task is RunningExport {
  return task.state.status === 'running';
}

const silence = 3_600_000;

export function begunExport({ operationId, startedAt }: Operation, clientId: string, order: ExportOrder): Export {
  const exportId = `exp-${operationId}`;
  if (!isExportId(exportId)) throw new RangeError('An operation id is 20 base32 characters');
  const written = { file: { parts: [] }, vehicles: 0, bytes: 0 };
  const state = { status: 'running', lease: { until: 0, attempts: 0 }, written } as const;
  return { ...order, exportId, clientId, createdAt: startedAt, updatedAt: startedAt, state, version: 1 };
}

export function leased(task: RunningExport, until: Instant): RunningExport {
  return running(task, { ...task.state, lease: attempted(task.state.lease, until) }, task.updatedAt);
}

/** Whoever comes next need not wait. */
export function released(task: RunningExport): RunningExport {
  return running(task, { ...task.state, lease: { ...task.state.lease, until: 0 } }, task.updatedAt);
}

export function advanced(task: RunningExport, written: Written, now: Instant): RunningExport {
  return running(task, { ...task.state, written, lease: { ...task.state.lease, attempts: 0 } }, now);
}

export function finished(task: RunningExport, { vehicles, bytes }: Written, now: Instant): Export {
  return changed(task, { status: 'done', endedAt: now, vehicles, bytes }, now);
}

export function givenUp(task: RunningExport, now: Instant): Export {
  const detail = 'However often it was tried, the export could not be carried on. Start another one.';
  return changed(task, { status: 'failed', endedAt: now, problem: { code: 'given-up', detail } }, now);
}

/** The same export, unless nobody will come back to it: its messages have gone to the dead letters. */
export function overdue(task: Export, now: Instant): Export {
  if (task.state.status !== 'running' || now < task.updatedAt + silence) return task;
  const detail = 'The export came to a standstill. Start another one.';
  return changed(task, { status: 'failed', endedAt: now, problem: { code: 'stalled', detail } }, now);
}

function running(task: RunningExport, state: RunningExport['state'], now: Instant): RunningExport {
  return { ...task, state, updatedAt: now, version: task.version + 1 };
}

function changed(task: Export, state: ExportState, now: Instant): Export {
  return { ...task, state, updatedAt: now, version: task.version + 1 };
}
