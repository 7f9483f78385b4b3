import { closeSync, constants, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { parseJson, syncDirectory, writeAll } from './storage.ts';

const toAppendAnew = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_APPEND;

/**
 * An append-only file of JSON records, one a line behind its CRC-32. What `append` returned from survives
 * `kill -9`; what `sync` resolved for survives a loss of power. A line that was torn or damaged is skipped
 * and costs no other line, because JSON holds no line breaks of its own.
 */
export class RecordLog {
  private readonly path: string;
  private handle: number;
  private size: number;

  private constructor(path: string, handle: number, size: number) {
    this.path = path;
    this.handle = handle;
    this.size = size;
  }

  /** Opens or makes the file; the records are those that are whole, in the order of writing. */
  static open(path: string): { log: RecordLog; records: unknown[] } {
    const handle = openSync(path, 'a+', 0o600);
    const content = readFileSync(handle);
    // A torn tail goes, so that the next record begins a line of its own.
    const size = content.lastIndexOf('\n') + 1;
    if (size < content.length) ftruncateSync(handle, size);
    const lines = content.toString('utf8', 0, size).split('\n');
    return {
      log: new RecordLog(path, handle, size),
      records: lines.map(decode).filter((record) => record !== undefined),
    };
  }

  get bytes(): number {
    return this.size;
  }

  append(...records: readonly unknown[]): void {
    const lines = Buffer.from(records.map(encode).join(''), 'utf8');
    try {
      writeAll(this.handle, lines);
    } catch (error) {
      // Of what a full disk took in part nothing may stay: the next record would be read as its tail.
      ftruncateSync(this.handle, this.size);
      throw error;
    }
    this.size += lines.length;
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.handle, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Puts these records in the place of all before; a crash in between leaves the old file. */
  replace(records: Iterable<unknown>): void {
    const fresh = `${this.path}.new`;
    const lines = Buffer.from([...records].map(encode).join(''), 'utf8');
    const handle = openSync(fresh, toAppendAnew, 0o600);
    try {
      writeAll(handle, lines);
      fsyncSync(handle);
      renameSync(fresh, this.path);
    } catch (error) {
      closeSync(handle);
      throw error;
    }
    closeSync(this.handle);
    this.handle = handle;
    this.size = lines.length;
    syncDirectory(dirname(this.path));
  }

  close(): void {
    const { handle } = this;
    // The number may soon stand for another file, which a late write must not touch.
    this.handle = -1;
    fsyncSync(handle);
    closeSync(handle);
  }
}

/** How many bytes a record takes in the file. */
export function recordBytes(record: unknown): number {
  return Buffer.byteLength(encode(record));
}

function encode(record: unknown): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

function decode(line: string): unknown {
  const json = line.slice(9);
  return line.slice(0, 8) === checksum(json) ? parseJson(json) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
