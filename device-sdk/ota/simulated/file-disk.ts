import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { BlockDevice } from './block-device.ts';

const openFlags = constants.O_CREAT | constants.O_RDWR;

/** A disk in a file, so that a simulated control unit outlives its process. */
export class FileDisk implements BlockDevice {
  readonly sectorBytes: number;
  private readonly handle: number;

  constructor(path: string, sectorBytes: number) {
    this.sectorBytes = sectorBytes;
    this.handle = openSync(path, openFlags, 0o600);
  }

  async read(sector: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.sectorBytes);
    readSync(this.handle, bytes, 0, bytes.length, sector * this.sectorBytes);
    return bytes;
  }

  async write(sector: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length !== this.sectorBytes) throw new RangeError(`a sector has ${this.sectorBytes} bytes`);
    writeSync(this.handle, bytes, 0, bytes.length, sector * this.sectorBytes);
  }

  async sync(): Promise<void> {
    fsyncSync(this.handle);
  }

  close(): void {
    closeSync(this.handle);
  }
}
