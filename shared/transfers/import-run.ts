import type { AuditTrail } from '../audit/audit-trail.ts';
import { importRecord } from '../audit/transfer-record.ts';
import type { Clock } from '../kernel/clock.ts';
import {
  advanced,
  type Checkpoint,
  ended,
  ending,
  type Import,
  type ImportId,
  type ImportProblem,
  isRunning,
  leased,
  overdue,
  percentBefore,
  type RunningImport,
  released,
  reported,
} from './import.ts';
import { fileNames, type ImportFiles, type Notes } from './import-files.ts';
import type { ImportRepository } from './import-repository.ts';
import { emptyFile, type Layout, layoutOf, type Members, notText } from './layout.ts';
import { counted, type LineOutcome, reportText } from './line-outcome.ts';
import { type Line, readLines } from './line-reader.ts';
import type { LineRegistration } from './line-registration.ts';
import { completed, type FileStorage, joined, partSize, withPart } from './parted-file.ts';
import { type Continuations, isHeld, isHopeless, type RunResult, type RunTime, restAfter } from './task.ts';

export interface ImportRunPorts {
  readonly imports: ImportRepository;
  readonly files: ImportFiles;
  readonly notes: Notes;
  readonly storage: FileStorage;
  readonly continuations: Continuations;
  readonly registration: LineRegistration;
  readonly members: Members;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** More than the longest line, so that each step leads on; few enough lines to do again after a crash. */
const stepBytes = 256 * 1024;
/** Lines between two looks at the time: however slow the table is, so many are through before the run is ended. */
const usualWindow = 100;

/**
 * One run of an import: as many steps as its time allows, each with a checkpoint of its own. A step ends with its
 * stretch or with a hundredth of the file, so that a small file too is seen to progress, and a large one costs no more.
 */
export class ImportRun {
  readonly #ports: ImportRunPorts;
  readonly #windowLines: number;

  constructor(ports: ImportRunPorts, windowLines = usualWindow) {
    this.#ports = ports;
    this.#windowLines = windowLines;
  }

  async run(importId: ImportId, { mayGoOn, goneAt }: RunTime): Promise<RunResult> {
    const { imports, clock, continuations } = this.#ports;
    const seen = await imports.load(importId);
    const now = clock.now();
    if (seen === undefined) return { kind: 'nothing' };
    if (!isRunning(seen)) return this.#noted(seen, 'nothing');
    const late = overdue(seen, now);
    if (late !== seen) {
      return (await imports.save(late, seen.version)) ? this.#noted(late, 'nothing') : { kind: 'overtaken' };
    }
    if (isHeld(seen.state.lease, now)) {
      await continuations.send(importId, Math.ceil((seen.state.lease.until - now) / 1000) + 1);
      return { kind: 'busy' };
    }
    const task = leased(seen, goneAt);
    if (!(await imports.save(task, seen.version))) return { kind: 'overtaken' };
    return this.#go(task, isHopeless(seen.state.lease), mayGoOn);
  }

  async #go(begun: RunningImport, hopeless: boolean, mayGoOn: RunTime['mayGoOn']): Promise<RunResult> {
    const { imports, clock, continuations } = this.#ports;
    let task = begun;
    try {
      if (hopeless && task.state.ending === undefined) {
        task = await this.#saved(task, ending(task, givenUp(task), clock.now()));
      }
      do {
        const next = task.state.ending === undefined ? await this.#read(task, mayGoOn) : await this.#report(task);
        if (!isRunning(next)) {
          return (await imports.save(next, task.version)) ? await this.#noted(next, 'ended') : { kind: 'overtaken' };
        }
        task = await this.#saved(task, next);
      } while (mayGoOn());
    } catch (error) {
      if (error instanceof Overtaken) return { kind: 'overtaken' };
      await imports.save(released(task), task.version);
      await continuations.send(task.importId, restAfter(task.state.lease));
      return { kind: 'failed', error };
    }
    const free = released(task);
    if (!(await imports.save(free, task.version))) return { kind: 'overtaken' };
    await continuations.send(task.importId, 0);
    return { kind: 'continued' };
  }

  /** Its end goes into the audit. Whoever died before that is followed by another, who finds it ended. */
  async #noted(task: Import, kind: 'ended' | 'nothing'): Promise<RunResult> {
    const record = importRecord(task);
    if (record !== undefined) await this.#ports.trail.append([record]);
    return { kind };
  }

  async #saved(seen: RunningImport, next: RunningImport): Promise<RunningImport> {
    if (await this.#ports.imports.save(next, seen.version)) return next;
    throw new Overtaken();
  }

  /** The next stretch of the file. */
  async #read(task: RunningImport, mayGoOn: RunTime['mayGoOn']): Promise<RunningImport> {
    const { files, clock } = this.#ports;
    const { file, checkpoint } = task.state;
    const { place } = checkpoint;
    if (file.bytes === 0) return ending(task, emptyFile, clock.now());
    const length = Math.min(stepBytes, file.bytes - place.offset);
    const stretch = await files.readUpload(task.importId, file, place.offset, length);
    if (stretch.kind !== 'bytes') return ending(task, lost(task, stretch.kind), clock.now());
    const isLast = place.offset + stretch.bytes.length >= file.bytes;
    const { lines, next } = readLines(stretch.bytes, place, isLast);
    const begun = this.#begun(task, stretch.bytes, lines);
    if ('problem' in begun) return ending(task, begun.problem, clock.now());
    const { layout, body } = begun;
    if (layout === undefined) {
      const quiet = advanced(task, { ...checkpoint, place: next }, clock.now());
      return isLast ? ending(quiet, emptyFile, clock.now()) : quiet;
    }
    const advance = await this.#registered(task, { ...checkpoint, layout }, body, mayGoOn);
    const through = advance.lines === body.length;
    const reached = through ? next : (body[advance.lines - 1]?.next ?? place);
    const done = advanced(task, { ...advance.checkpoint, place: reached }, clock.now());
    return isLast && through ? ending(done, undefined, clock.now()) : done;
  }

  /** The layout, by the first line that says something, and the lines that follow. */
  #begun({ format, state }: RunningImport, bytes: Uint8Array, lines: readonly Line[]): Beginning {
    const { layout, place } = state.checkpoint;
    if (layout !== undefined) return { layout, body: lines };
    if (place.offset === 0 && isUtf16(bytes)) return { problem: notText };
    const [first, ...others] = lines;
    if (first === undefined) return { layout, body: lines };
    if (first.content.kind === 'too-long') {
      return {
        problem: { code: 'line-too-long', detail: 'The first line is longer than 64 KiB.', line: first.number },
      };
    }
    if (first.content.kind === 'not-utf-8') return { problem: { ...notText, line: first.number } };
    const found = layoutOf(format, first.content.text, this.#ports.members);
    if ('fault' in found) return { problem: { ...found.fault, line: first.number } };
    return { layout: found.layout, body: found.isHeader ? others : lines };
  }

  /**
   * The lines, window by window, as long as there is time, or until there is something to tell to whoever watches; what
   * failed is written down.
   */
  async #registered(
    task: RunningImport,
    from: Checkpoint & Required<Pick<Checkpoint, 'layout'>>,
    body: readonly Line[],
    mayGoOn: RunTime['mayGoOn'],
  ) {
    const { registration, notes } = this.#ports;
    const { file } = task.state;
    const outcomes: LineOutcome[] = [];
    const seen = percentBefore(from.place.offset, file);
    let percent = seen;
    let lines = 0;
    do {
      const window = body.slice(lines, lines + this.#windowLines);
      outcomes.push(...(await registration.register(task, from.layout, window)));
      lines += window.length;
      percent = percentBefore(window.at(-1)?.next.offset ?? from.place.offset, file);
    } while (lines < body.length && percent === seen && mayGoOn());
    const failures = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.failure] : []));
    const checkpoint = { ...from, counts: counted(from.counts, outcomes) };
    if (failures.length === 0) return { lines, checkpoint };
    const note = fileNames.note(task.importId, task.version, from.place.offset);
    await notes.writeNote(note, new TextEncoder().encode(reportText(failures)));
    return { lines, checkpoint: { ...checkpoint, notes: [...checkpoint.notes, note] } };
  }

  /** One more part of the report, or its end. */
  async #report(task: RunningImport) {
    const { notes, storage, clock } = this.#ports;
    const { ending: end, checkpoint } = task.state;
    if (end === undefined) return task;
    const pieces: Uint8Array[] = [];
    let size = 0;
    let { notesUsed } = end;
    while (notesUsed < checkpoint.notes.length && size < partSize) {
      const piece = await notes.readNote(checkpoint.notes[notesUsed] ?? '');
      pieces.push(piece);
      size += piece.length;
      notesUsed += 1;
    }
    const name = fileNames.report(task.importId);
    if (notesUsed < checkpoint.notes.length) {
      const report = await withPart(storage, name, end.report, joined(pieces));
      return reported(task, { ...end, report, notesUsed }, clock.now());
    }
    if (end.problem !== undefined) pieces.push(new TextEncoder().encode(reportText([end.problem])));
    await completed(storage, name, end.report, joined(pieces));
    return ended(task, clock.now());
  }
}

type Beginning =
  | { readonly problem: ImportProblem }
  /** Without a layout: nothing but empty lines so far. */
  | { readonly layout: Layout | undefined; readonly body: readonly Line[] };

class Overtaken extends Error {}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function lost(task: RunningImport, kind: 'changed' | 'gone'): ImportProblem {
  const { line } = task.state.checkpoint.place;
  const what = kind === 'changed' ? 'The file was replaced by another one' : 'The file was taken away';
  const detail = `${what} while it was read. Lines before ${line} were taken in and stay; import the whole file again.`;
  return { code: kind === 'changed' ? 'file-changed' : 'file-gone', detail, line };
}

function givenUp(task: RunningImport): ImportProblem {
  const { line } = task.state.checkpoint.place;
  const detail = `However often it was tried, line ${line} and those behind it could not be taken in. What is registered stays; import the same file again.`;
  return { code: 'given-up', detail, line };
}
