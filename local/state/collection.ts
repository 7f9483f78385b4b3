import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A named map that survives `kill -9`: every change is one JSON line, written before the call returns;
 * the file is compacted when it is opened. Values are plain JSON. Not for more than some 100 MB.
 */
export class Collection<T> {
  readonly #values = new Map<string, T>();
  readonly #descriptor: number;

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.#replay(readFileSync(file, 'utf8'));
    const compacted = `${file}.compact`;
    writeFileSync(compacted, [...this.#values].map((entry) => `${JSON.stringify(entry)}\n`).join(''), {
      mode: 0o600, // keys and secrets are among them
    });
    renameSync(compacted, file);
    this.#descriptor = openSync(file, 'a');
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    writeSync(this.#descriptor, `${JSON.stringify([key, value])}\n`);
    this.#values.set(key, value);
  }

  delete(key: string): boolean {
    if (!this.#values.has(key)) return false;
    writeSync(this.#descriptor, `${JSON.stringify([key])}\n`);
    return this.#values.delete(key);
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

  close(): void {
    closeSync(this.#descriptor);
  }

  #replay(text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      let entry: [string, T?];
      try {
        entry = JSON.parse(line) as [string, T?];
      } catch {
        continue; // the last line of a process that was killed while it wrote: never acknowledged
      }
      const [key, value] = entry;
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
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
