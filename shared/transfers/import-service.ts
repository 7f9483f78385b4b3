import type { Caller } from '../access/caller.ts';
import type { Operation } from '../access/idempotent-operation.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { importRecord } from '../audit/transfer-record.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import {
  arrived,
  type Import,
  type ImportId,
  isRunning,
  overdue,
  type UploadedFile,
  uploadTime,
  waitingImport,
} from './import.ts';
import { fileNames } from './import-files.ts';
import type { ImportRepository } from './import-repository.ts';
import type { Continuations } from './task.ts';
import type { TransferFormat } from './transfer-format.ts';

/** URLs that open one file to whoever holds them, for a time. */
export interface FileLinks {
  upload(name: string, seconds: number): Promise<string>;
  download(name: string, seconds: number): Promise<string>;
}

export interface ImportPorts {
  readonly imports: ImportRepository;
  readonly links: FileLinks;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** A link to a report or an export is good for so long; each question brings a new one. */
export const downloadTime = 3_600_000;

/** What clients do with imports. */
export class ImportService {
  readonly #ports: ImportPorts;

  constructor(ports: ImportPorts) {
    this.#ports = ports;
  }

  async start(caller: Caller, format: TransferFormat, operation: Operation) {
    const task = waitingImport(operation, caller, format);
    // A second run of the same operation finds its own import there.
    await this.#ports.imports.add(task);
    const uploadUrl = await this.#ports.links.upload(fileNames.upload(task.importId), uploadTime / 1000);
    return { importId: task.importId, uploadUrl };
  }

  /** The import of this very client: for everybody else it does not exist. */
  async get({ clientId }: Caller, importId: ImportId): Promise<{ task: Import; reportUrl?: string }> {
    const { imports, links, trail, clock } = this.#ports;
    const task = await untilSaved(async () => {
      const seen = await imports.load(importId);
      if (seen === undefined || seen.clientId !== clientId) throw notFound();
      const now = overdue(seen, clock.now());
      return now === seen || (await imports.save(now, seen.version)) ? now : undefined;
    });
    // It may have ended just now, by time alone; what is there already stays as it is.
    const record = task.state.status === 'failed' ? importRecord(task) : undefined;
    if (record !== undefined) await trail.append([record]);
    if (!hasReport(task)) return { task };
    return { task, reportUrl: await links.download(fileNames.report(importId), downloadTime / 1000) };
  }
}

/** Hears of uploads. */
export class ArrivalService {
  readonly #imports: ImportRepository;
  readonly #continuations: Continuations;
  readonly #clock: Clock;

  constructor(imports: ImportRepository, continuations: Continuations, clock: Clock) {
    this.#imports = imports;
    this.#continuations = continuations;
    this.#clock = clock;
  }

  /** The import as it is then; undefined if nobody asked for one. */
  async arrived(importId: ImportId, file: UploadedFile): Promise<Import | undefined> {
    const { task } = await untilSaved(async () => {
      const seen = await this.#imports.load(importId);
      if (seen === undefined) return { task: seen };
      const next = arrived(seen, file, this.#clock.now());
      return next === seen || (await this.#imports.save(next, seen.version)) ? { task: next } : undefined;
    });
    // Also when it was running already: who noted that may have died before this line.
    if (task !== undefined && hasMore(task, file)) await this.#continuations.send(importId, 0);
    return task;
  }
}

/** It is to be read; or it ended before it began, which a run notes. */
function hasMore(task: Import, { tag }: UploadedFile): boolean {
  return isRunning(task) ? task.state.file.tag === tag : task.state.status === 'failed' && task.state.run === undefined;
}

function hasReport({ state }: Import): boolean {
  if (state.status === 'failed') return state.run?.ending !== undefined && state.problem.code !== 'stalled';
  return state.status === 'done';
}

function notFound(): Failure {
  return new Failure('not-found', 'import-not-found', 'There is no such import.');
}
