import type { Caller } from '../access/caller.ts';
import type { Operation } from '../access/idempotent-operation.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { exportRecord } from '../audit/transfer-record.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { begunExport, type Export, type ExportId, type ExportOrder, overdue } from './export.ts';
import type { ExportRepository } from './export-repository.ts';
import { fileNames } from './import-files.ts';
import { downloadTime, type FileLinks } from './import-service.ts';
import type { Continuations } from './task.ts';

export interface ExportPorts {
  readonly exports: ExportRepository;
  readonly links: FileLinks;
  readonly continuations: Continuations;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** What clients do with exports. */
export class ExportService {
  readonly #ports: ExportPorts;

  constructor(ports: ExportPorts) {
    this.#ports = ports;
  }

  async start({ clientId }: Caller, order: ExportOrder, operation: Operation): Promise<Export> {
    const { exports, continuations } = this.#ports;
    const task = begunExport(operation, clientId, order);
    // A second run of the same operation finds its own export there; whoever added it may not have come further.
    await exports.add(task);
    await continuations.send(task.exportId, 0);
    return task;
  }

  /** The export of this very client: for everybody else it does not exist. */
  async get({ clientId }: Caller, exportId: ExportId): Promise<{ task: Export; downloadUrl?: string }> {
    const { exports, links, trail, clock } = this.#ports;
    const task = await untilSaved(async () => {
      const seen = await exports.load(exportId);
      if (seen === undefined || seen.clientId !== clientId) throw notFound();
      const now = overdue(seen, clock.now());
      return now === seen || (await exports.save(now, seen.version)) ? now : undefined;
    });
    // It may have ended just now, by time alone; what is there already stays as it is.
    const record = task.state.status === 'failed' ? exportRecord(task) : undefined;
    if (record !== undefined) await trail.append([record]);
    if (task.state.status !== 'done') return { task };
    return { task, downloadUrl: await links.download(fileNames.export(exportId, task.format), downloadTime / 1000) };
  }
}

function notFound(): Failure {
  return new Failure('not-found', 'export-not-found', 'There is no such export.');
}
