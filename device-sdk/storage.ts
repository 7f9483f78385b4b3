import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * The vehicle's memory: one JSON value a name, each replaced as a whole. After `write` returns, the value
 * survives a crash and a loss of power; a crash in the middle leaves the former value.
 *
 * @example
 * const storage = openStorage('/var/lib/vehicle');
 * storage.write('inventory', { sequence: 7 });
 * storage.read('inventory'); // { sequence: 7 }
 */
export interface Storage {
  readonly directory: string;
  /** The stored value; undefined where there is none. What comes back is to be parsed: disks age. */
  read(name: string): unknown;
  write(name: string, value: unknown): void;
  remove(name: string): void;
  /** Keeps what is stored under another name, for a workshop to look at: where it is then; undefined where there is none. */
  putAside(name: string): string | undefined;
}

/** Readable by its owner alone: private keys live here. */
export function openStorage(directory: string): Storage {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(directory, `${encodeURIComponent(name)}.json`);
  return {
    directory,
    read(name) {
      const text = readIfPresent(file(name));
      return text === undefined ? undefined : parseJson(text);
    },
    write(name, value) {
      replaceFile(file(name), JSON.stringify(value));
      syncDirectory(directory);
    },
    remove(name) {
      rmSync(file(name), { force: true });
      syncDirectory(directory);
    },
    putAside(name) {
      if (!existsSync(file(name))) return undefined;
      let number = 1;
      while (existsSync(`${file(name)}.unreadable-${number}`)) number += 1;
      const aside = `${file(name)}.unreadable-${number}`;
      renameSync(file(name), aside);
      syncDirectory(directory);
      return aside;
    },
  };
}

/** Writes beside the file, syncs, and renames over it. The caller syncs the directory. */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  const handle = openSync(fresh, 'w', 0o600);
  try {
    writeAll(handle, Buffer.from(text, 'utf8'));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, path);
}

/** All of it: the last room on a disk takes a part and says so without an error. */
export function writeAll(handle: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
}

/** A rename is durable once its directory is. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The value that the text stands for, or undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
