import type { AuditTrail } from '../audit/audit-trail.ts';
import { exportRecord } from '../audit/transfer-record.ts';
import type { Clock } from '../kernel/clock.ts';
import type { VehicleRepository } from '../registry/vehicle-repository.ts';
import {
  advanced,
  type Export,
  type ExportId,
  finished,
  givenUp,
  isRunning,
  leased,
  overdue,
  type RunningExport,
  released,
} from './export.ts';
import { exportHeader, exportLine } from './export-lines.ts';
import type { ExportRepository } from './export-repository.ts';
import { fileNames, type Notes } from './import-files.ts';
import { completed, type FileStorage, joined, partSize, withPart } from './parted-file.ts';
import { type Continuations, isHeld, isHopeless, type RunResult, type RunTime, restAfter } from './task.ts';

export interface ExportRunPorts {
  readonly exports: ExportRepository;
  readonly vehicles: VehicleRepository;
  readonly notes: Notes;
  readonly storage: FileStorage;
  readonly continuations: Continuations;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

const pageSize = 500;

/** One run of an export: as many parts of the file as its time allows, each with a checkpoint of its own. */
export class ExportRun {
  readonly #ports: ExportRunPorts;

  constructor(ports: ExportRunPorts) {
    this.#ports = ports;
  }

  async run(exportId: ExportId, { mayGoOn, goneAt }: RunTime): Promise<RunResult> {
    const { exports, clock, continuations } = this.#ports;
    const now = clock.now();
    const seen = await exports.load(exportId);
    if (seen === undefined) return { kind: 'nothing' };
    if (!isRunning(seen)) return this.#noted(seen, 'nothing');
    const late = isHopeless(seen.state.lease) ? givenUp(seen, now) : overdue(seen, now);
    if (late !== seen) {
      return (await exports.save(late, seen.version)) ? this.#noted(late, 'nothing') : { kind: 'overtaken' };
    }
    if (isHeld(seen.state.lease, now)) {
      await continuations.send(exportId, Math.ceil((seen.state.lease.until - now) / 1000) + 1);
      return { kind: 'busy' };
    }
    const task = leased(seen, goneAt);
    return (await exports.save(task, seen.version)) ? this.#go(task, mayGoOn) : { kind: 'overtaken' };
  }

  async #go(begun: RunningExport, mayGoOn: RunTime['mayGoOn']): Promise<RunResult> {
    const { exports, continuations } = this.#ports;
    let task = begun;
    try {
      do {
        const next = await this.#step(task, mayGoOn);
        if (!(await exports.save(next, task.version))) return { kind: 'overtaken' };
        if (!isRunning(next)) return await this.#noted(next, 'ended');
        task = next;
      } while (mayGoOn());
    } catch (error) {
      await exports.save(released(task), task.version);
      await continuations.send(task.exportId, restAfter(task.state.lease));
      return { kind: 'failed', error };
    }
    const free = released(task);
    if (!(await exports.save(free, task.version))) return { kind: 'overtaken' };
    await continuations.send(task.exportId, 0);
    return { kind: 'continued' };
  }

  /** Its end goes into the audit. Whoever died before that is followed by another, who finds it ended. */
  async #noted(task: Export, kind: 'ended' | 'nothing'): Promise<RunResult> {
    const record = exportRecord(task);
    if (record !== undefined) await this.#ports.trail.append([record]);
    return { kind };
  }

  /** Pages of the registry until a part is full, the registry at its end, or the time over. */
  async #step(task: RunningExport, mayGoOn: RunTime['mayGoOn']): Promise<Export> {
    const { vehicles, storage, clock } = this.#ports;
    const { written } = task.state;
    const { file } = written;
    const name = fileNames.export(task.exportId, task.format);
    const pieces = [await this.#kept(task)];
    let [fresh, count, from] = [written.from === undefined ? sizeOf(pieces) : 0, written.vehicles, written.from];
    for (;;) {
      const page = await vehicles.search(task.query, { limit: pageSize, ...(from !== undefined && { from }) });
      const piece = new TextEncoder().encode(page.items.map((vehicle) => exportLine(task, vehicle)).join(''));
      pieces.push(piece);
      fresh += piece.length;
      count += page.items.length;
      from = page.next;
      const totals = { vehicles: count, bytes: written.bytes + fresh };
      if (from === undefined) {
        await completed(storage, name, file, joined(pieces));
        return finished(task, { file, ...totals }, clock.now());
      }
      if (sizeOf(pieces) >= partSize) {
        const longer = await withPart(storage, name, file, joined(pieces));
        return advanced(task, { file: longer, ...totals, from }, clock.now());
      }
      if (!mayGoOn()) {
        const rest = fileNames.note(task.exportId, task.version, 0);
        await this.#ports.notes.writeNote(rest, joined(pieces));
        return advanced(task, { file, ...totals, from, rest }, clock.now());
      }
    }
  }

  /** What a former run left that was too little for a part; before anything else the header. */
  async #kept(task: RunningExport): Promise<Uint8Array> {
    const { from, rest } = task.state.written;
    if (rest !== undefined) return this.#ports.notes.readNote(rest);
    return new TextEncoder().encode(from === undefined ? exportHeader(task) : '');
  }
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
