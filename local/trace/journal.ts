import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { hopRecord } from './hop-record.ts';
import type { Span } from './span.ts';

/** Two files of this size at the most: some 20,000 hops. */
const rotateAtBytes = 4_000_000;
const flushAfterMs = 200;

const line = hopRecord.extend({ startedAt: z.number() });

/** A hop with the time at which it was kept, by the local clock. */
export type JournalLine = z.infer<typeof line>;

export interface JournalOptions {
  readonly file: string;
  /** False: what is there is read, and nothing is added. */
  readonly writes: boolean;
  readonly rotateAtBytes?: number;
}

/** The newest hops on disk, a line each. It is gathered a moment before it is written: no message waits for it. */
export class TraceJournal {
  readonly #options: JournalOptions;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** What former processes left, the newest `limit` hops, in the order of their ends. */
  load(limit: number): readonly JournalLine[] {
    const { file } = this.#options;
    const lines = [`${file}.1`, file].flatMap((name) =>
      existsSync(name) ? readFileSync(name, 'utf8').split('\n') : [],
    );
    return lines.slice(-limit).flatMap(parseLine);
  }

  write(span: Span, startedAt: number): void {
    if (!this.#options.writes) return;
    this.#waiting.push(`${JSON.stringify({ ...span.record(), startedAt })}\n`);
    this.#timer ??= setTimeout(() => this.flush(), flushAfterMs).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    this.#descriptor ??= this.#open();
    this.#bytes += writeSync(this.#descriptor, this.#waiting.join(''));
    this.#waiting = [];
    if (this.#bytes >= (this.#options.rotateAtBytes ?? rotateAtBytes)) this.#closeFile();
  }

  close(): void {
    this.flush();
    this.#closeFile();
  }

  #open(): number {
    const { file, rotateAtBytes: most = rotateAtBytes } = this.#options;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (existsSync(file) && statSync(file).size >= most) renameSync(file, `${file}.1`);
    const descriptor = openSync(file, 'a', 0o600);
    this.#bytes = statSync(file).size;
    return descriptor;
  }

  #closeFile(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** A line that a killed process left half-written is none. */
function parseLine(text: string): readonly JournalLine[] {
  if (text === '') return [];
  try {
    const parsed = line.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
