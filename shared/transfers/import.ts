import type { Operation } from '../access/idempotent-operation.ts';
import type { Instant } from '../kernel/clock.ts';
import type { Brand } from '../registry/brand.ts';
import { type Fault, faultCodes, type Layout } from './layout.ts';
import { beginning, type Place } from './line-reader.ts';
import type { PartedFile } from './parted-file.ts';
import { attempted, type Lease } from './task.ts';
import type { TransferFormat } from './transfer-format.ts';

export type ImportId = string & { readonly importId: unique symbol };

export const importIdPattern = /^imp-[a-z2-7]{20}$/;

export function isImportId(text: string): text is ImportId {
  return importIdPattern.test(text);
}

/** What was uploaded, at one moment: bytes with another tag are another file. */
export interface UploadedFile {
  readonly tag: string;
  readonly bytes: number;
}

export interface Counts {
  readonly registered: number;
  readonly unchanged: number;
  readonly failed: number;
}

export const importProblemCodes = [
  ...faultCodes,
  'file-too-large',
  'file-changed',
  'file-gone',
  'upload-expired',
  'given-up',
  'stalled',
] as const;

/** Why an import as a whole failed. What is registered stays. */
export interface ImportProblem extends Omit<Fault, 'code'> {
  readonly code: (typeof importProblemCodes)[number];
  readonly line?: number;
}

/** How far it has come. Everything that is told of an import stands here, so that nothing is counted twice. */
export interface Checkpoint {
  readonly place: Place;
  /** Known from the first line on. */
  readonly layout?: Layout;
  readonly counts: Counts;
  /** Names of what was written down about failed lines, in their order. */
  readonly notes: readonly string[];
}

/** The lines are through, or nothing more is to be hoped for: the report is put together of the notes. */
export interface Ending {
  readonly problem?: ImportProblem;
  readonly report: PartedFile;
  /** So many notes are in it. */
  readonly notesUsed: number;
}

export interface Run {
  readonly file: UploadedFile;
  readonly startedAt: Instant;
  readonly checkpoint: Checkpoint;
  readonly ending?: Ending;
}

export type ImportState =
  | { readonly status: 'waiting' }
  | ({ readonly status: 'running'; readonly lease: Lease } & Run)
  | ({ readonly status: 'done'; readonly endedAt: Instant } & Run)
  /** Without a run: nothing was uploaded, or too much. */
  | { readonly status: 'failed'; readonly endedAt: Instant; readonly problem: ImportProblem; readonly run?: Run };

export interface Import {
  readonly importId: ImportId;
  /** Whose it is; nobody else sees it. */
  readonly clientId: string;
  /** For which that client acted when it began. */
  readonly brands: readonly Brand[];
  readonly format: TransferFormat;
  readonly createdAt: Instant;
  /** Of its last step forward. */
  readonly updatedAt: Instant;
  readonly state: ImportState;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

export type RunningImport = Import & { readonly state: Extract<ImportState, { status: 'running' }> };

export function isRunning(task: Import): task is RunningImport {
  return task.state.status === 'running';
}

/** The URL takes an upload so long. One that has begun may go on longer. */
export const uploadTime = 3_600_000;
const uploadGrace = 3_600_000;
/** After this time without a step nobody will come back to it: its messages have gone to the dead letters. */
const silence = 3_600_000;
const largestFile = 1024 ** 3;

export function waitingImport(
  { operationId, startedAt }: Operation,
  { clientId, brands }: { readonly clientId: string; readonly brands: readonly Brand[] },
  format: TransferFormat,
): Import {
  const importId = `imp-${operationId}`;
  if (!isImportId(importId)) throw new RangeError('An operation id is 20 base32 characters');
  const times = { createdAt: startedAt, updatedAt: startedAt };
  return { importId, clientId, brands, format, ...times, state: { status: 'waiting' }, version: 1 };
}

/** The file is there. The first one counts: what is uploaded over it changes the file, and the run will see it. */
export function arrived(task: Import, file: UploadedFile, now: Instant): Import {
  if (task.state.status !== 'waiting') return task;
  if (file.bytes > largestFile) {
    const detail = `The file has ${file.bytes} bytes; it may have ${largestFile}. Nothing was registered: split it.`;
    return failed(task, { code: 'file-too-large', detail }, now);
  }
  const checkpoint = { place: beginning, counts: { registered: 0, unchanged: 0, failed: 0 }, notes: [] };
  return changed(task, { status: 'running', file, startedAt: now, checkpoint, lease: { until: 0, attempts: 0 } }, now);
}

export function leased(task: RunningImport, until: Instant): RunningImport {
  return running(task, { ...task.state, lease: attempted(task.state.lease, until) }, task.updatedAt);
}

/** Whoever comes next need not wait. */
export function released(task: RunningImport): RunningImport {
  return running(task, { ...task.state, lease: { ...task.state.lease, until: 0 } }, task.updatedAt);
}

export function advanced(task: RunningImport, checkpoint: Checkpoint, now: Instant): RunningImport {
  const lease = { ...task.state.lease, attempts: 0 };
  return running(task, { ...task.state, checkpoint, lease }, now);
}

/** No line is read any more. */
export function ending(task: RunningImport, problem: ImportProblem | undefined, now: Instant): RunningImport {
  const end = { ...(problem !== undefined && { problem }), report: { parts: [] }, notesUsed: 0 };
  return running(task, { ...task.state, ending: end }, now);
}

export function reported(task: RunningImport, end: Ending, now: Instant): RunningImport {
  return running(task, { ...task.state, ending: end, lease: { ...task.state.lease, attempts: 0 } }, now);
}

export function ended(task: RunningImport, now: Instant): Import {
  const { status: _, lease: __, ...run } = task.state;
  const problem = run.ending?.problem;
  if (problem === undefined) return changed(task, { status: 'done', endedAt: now, ...run }, now);
  return changed(task, { status: 'failed', endedAt: now, problem, run }, now);
}

/** The same import, unless its time is over. */
export function overdue(task: Import, now: Instant): Import {
  const { state } = task;
  if (state.status === 'waiting' && now >= task.createdAt + uploadTime + uploadGrace) {
    const detail = 'Nothing was uploaded in time. Start another import.';
    return failed(task, { code: 'upload-expired', detail }, now);
  }
  if (state.status === 'running' && now >= task.updatedAt + silence) {
    const { status: _, lease: __, ...run } = state;
    const detail = `The import came to a standstill behind line ${linesOf(run)}. What is registered stays; import the same file again.`;
    return changed(task, { status: 'failed', endedAt: now, problem: { code: 'stalled', detail }, run }, now);
  }
  return task;
}

/** So many lines are behind it, with empty ones. */
export function linesOf({ checkpoint }: Run): number {
  return checkpoint.place.line - 1;
}

/** Whole hundredths of the file before this byte. */
export function percentBefore(offset: number, { bytes }: UploadedFile): number {
  return bytes === 0 ? 100 : Math.floor((100 * offset) / bytes);
}

function failed(task: Import, problem: ImportProblem, now: Instant): Import {
  return changed(task, { status: 'failed', endedAt: now, problem }, now);
}

function running(task: RunningImport, state: RunningImport['state'], now: Instant): RunningImport {
  return { ...task, state, updatedAt: now, version: task.version + 1 };
}

function changed(task: Import, state: ImportState, now: Instant): Import {
  return { ...task, state, updatedAt: now, version: task.version + 1 };
}
