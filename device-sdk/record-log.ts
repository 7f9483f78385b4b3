import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { parseJson, syncDirectory } from './storage.ts';

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
    writeAll(this.handle, lines);
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
    const handle = openSync(fresh, 'w', 0o600);
    const lines = Buffer.from([...records].map(encode).join(''), 'utf8');
    writeAll(handle, lines);
    fsyncSync(handle);
    closeSync(handle);
    renameSync(fresh, this.path);
    syncDirectory(dirname(this.path));
    closeSync(this.handle);
    this.handle = openSync(this.path, 'a');
    this.size = lines.length;
  }

  close(): void {
    fsyncSync(this.handle);
    closeSync(this.handle);
  }
}

function writeAll(handle: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
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
