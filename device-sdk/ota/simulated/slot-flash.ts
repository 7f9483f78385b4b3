import { createHash } from 'node:crypto';
import type { Slot } from '../ecu-installer.ts';
import type { BlockDevice } from './block-device.ts';

/** The two slots of a simulated control unit, one behind the other on its disk. */
export class SlotFlash {
  private readonly device: BlockDevice;
  private readonly begin: number;
  private readonly sectors: number;

  /** @param begin the sector where the slots begin */
  constructor(device: BlockDevice, begin: number, slotBytes: number) {
    this.device = device;
    this.begin = begin;
    this.sectors = Math.ceil(slotBytes / device.sectorBytes);
  }

  /** Whole sectors; the last one is filled up. */
  async put(slot: Slot, offset: number, bytes: Uint8Array): Promise<void> {
    const { sectorBytes } = this.device;
    if (offset % sectorBytes !== 0 || offset + bytes.length > this.sectors * sectorBytes) {
      throw new RangeError(`no room for ${bytes.length} bytes at ${offset}`);
    }
    for (let at = 0; at < bytes.length; at += sectorBytes) {
      const sector = new Uint8Array(sectorBytes);
      sector.set(bytes.subarray(at, at + sectorBytes));
      await this.device.write(this.first(slot) + (offset + at) / sectorBytes, sector);
    }
  }

  /** SHA-256, hex. */
  async digest(slot: Slot, length: number): Promise<string> {
    const hash = createHash('sha256');
    const { sectorBytes } = this.device;
    for (let offset = 0; offset < length; offset += sectorBytes) {
      hash.update(await this.content(slot, offset, Math.min(sectorBytes, length - offset)));
    }
    return hash.digest('hex');
  }

  async content(slot: Slot, offset: number, length: number): Promise<Uint8Array> {
    const { sectorBytes } = this.device;
    const first = Math.floor(offset / sectorBytes);
    const last = Math.ceil((offset + length) / sectorBytes);
    const parts: Uint8Array[] = [];
    for (let at = first; at < last; at += 1) parts.push(await this.device.read(this.first(slot) + at));
    return Buffer.concat(parts).subarray(offset - first * sectorBytes, offset - first * sectorBytes + length);
  }

  async begins(slot: Slot, mark: string): Promise<boolean> {
    return Buffer.from(await this.content(slot, 0, mark.length)).toString('latin1') === mark;
  }

  private first(slot: Slot): number {
    return this.begin + (slot === 'a' ? 0 : this.sectors);
  }
}
