import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { BlockDevice } from './block-device.ts';

const openFlags = constants.O_CREAT | constants.O_RDWR;

/** A disk in a file, so that a simulated control unit outlives its process. It is open only while it is written. */
export class FileDisk implements BlockDevice {
  readonly sectorBytes: number;
  private readonly path: string;
  private handle: number | undefined;

  constructor(path: string, sectorBytes: number) {
    this.path = path;
    this.sectorBytes = sectorBytes;
  }

  async read(sector: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.sectorBytes);
    // A fleet of a thousand cars has more units than a process may have open files.
    const handle = this.handle ?? openSync(this.path, openFlags, 0o600);
    readSync(handle, bytes, 0, bytes.length, sector * this.sectorBytes);
    if (handle !== this.handle) closeSync(handle);
    return bytes;
  }

  async write(sector: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length !== this.sectorBytes) throw new RangeError(`a sector has ${this.sectorBytes} bytes`);
    this.handle ??= openSync(this.path, openFlags, 0o600);
    writeSync(this.handle, bytes, 0, bytes.length, sector * this.sectorBytes);
  }

  async sync(): Promise<void> {
    if (this.handle === undefined) return;
    fsyncSync(this.handle);
    this.close();
  }

  close(): void {
    if (this.handle !== undefined) closeSync(this.handle);
    this.handle = undefined;
  }
}
