import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Below this a file is left alone: rewriting it would cost more than it saves. */
const smallBytes = 4 * 1024 * 1024;

/**
 * A named map that survives `kill -9`: every change is one JSON line, written before the call returns. The file is
 * rewritten when it is opened and as soon as most of it is history, so it stays in proportion to what it holds.
 * Values are plain JSON. Not for more than some 100 MB.
 */
export class Collection<T> {
  readonly #file: string;
  readonly #values = new Map<string, T>();
  #descriptor: number;
  #bytes: number;
  /** What a rewrite would leave, at the last one. */
  #liveBytes: number;
  #closed = false;
  #torn = false;

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.#replay(readFileSync(file, 'utf8'));
    this.#rewrite();
    this.#descriptor = openSync(file, 'a');
    this.#bytes = statSync(file).size;
    this.#liveBytes = this.#bytes;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    this.#append([key, value]);
    this.#values.set(key, value);
    this.#compactIfWorthwhile();
  }

  /** False: there was nothing under this key. */
  delete(key: string): boolean {
    if (!this.#values.has(key)) return false;
    this.#append([key]);
    this.#values.delete(key);
    this.#compactIfWorthwhile();
    return true;
  }

  /**
   * As `delete`, and nothing of what stood under this key is left in the file when it returns: for what somebody has a
   * right to have erased. Costs a rewrite of all that is kept. Several keys cost one.
   */
  purge(...keys: readonly string[]): boolean {
    const known = keys.filter((key) => this.#values.has(key));
    for (const key of known) this.delete(key);
    if (known.length > 0) this.#compact();
    return known.length > 0;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get size(): number {
    return this.#values.size;
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  values(): IterableIterator<T> {
    return this.#values.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.#values.entries();
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  #append(entry: readonly [string, T?]): void {
    // The number of the descriptor may by now belong to another file.
    if (this.#closed) throw new Error(`${this.#file} is closed.`);
    const line = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
    const written = writeSync(this.#descriptor, line);
    this.#bytes += written;
    // A full disk: what stands half must not swallow the next line.
    this.#torn = written < line.length;
    if (this.#torn) throw new Error(`${this.#file} took only a part of a line: is the disk full?`);
  }

  #compactIfWorthwhile(): void {
    if (this.#bytes < smallBytes || this.#bytes < 2 * this.#liveBytes) return;
    this.#compact();
  }

  #compact(): void {
    closeSync(this.#descriptor);
    this.#rewrite();
    this.#descriptor = openSync(this.#file, 'a');
    this.#bytes = statSync(this.#file).size;
    this.#liveBytes = this.#bytes;
    this.#torn = false;
  }

  #rewrite(): void {
    const compacted = `${this.#file}.compact`;
    writeFileSync(compacted, [...this.#values].map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    renameSync(compacted, this.#file);
  }

  #replay(text: string): void {
    for (const line of text.split('\n')) {
      const entry = parseEntry(line);
      if (entry === undefined) continue;
      const [key, value] = entry;
      if (value === undefined) this.#values.delete(key);
      // It reads what it wrote itself.
      else this.#values.set(key, value as T);
    }
  }
}

/** The state directory of one local cloud. */
export class State {
  readonly directory: string;
  readonly #open = new Map<string, Collection<unknown>>();

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** The collection of this name, e.g. `iot/things`. The same name gives the same collection. */
  collection<T>(name: string): Collection<T> {
    const known = this.#open.get(name);
    if (known !== undefined) return known as Collection<T>;
    const opened = new Collection<T>(join(this.directory, `${name}.jsonl`));
    this.#open.set(name, opened as Collection<unknown>);
    return opened;
  }

  close(): void {
    for (const collection of this.#open.values()) collection.close();
    this.#open.clear();
  }
}

/** Undefined for the last line of a process that was killed while it wrote: never acknowledged. */
function parseEntry(line: string): [string, unknown] | undefined {
  if (line === '') return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    return Array.isArray(entry) && typeof entry[0] === 'string' ? [entry[0], entry[1]] : undefined;
  } catch {
    return undefined;
  }
}
