import { crc32 } from 'node:zlib';
import { parseJson } from '../../storage.ts';
import type { BlockDevice } from './block-device.ts';

const headerBytes = 12;

/**
 * One JSON value on a block device, as a boot loader keeps it: two copies, written in turn, each with its number and
 * checksum. A power loss at any moment leaves the former value or the new one.
 */
export class DurableRecord {
  private readonly device: BlockDevice;
  private readonly first: number;
  private readonly sectors: number;

  /** @param sectors of one copy: the record takes twice as many from `first` on */
  constructor(device: BlockDevice, first: number, sectors: number) {
    this.device = device;
    this.first = first;
    this.sectors = sectors;
  }

  async read(): Promise<unknown> {
    return (await this.newest())?.value;
  }

  async write(value: unknown): Promise<void> {
    const newest = await this.newest();
    const number = (newest?.number ?? 0) + 1;
    const json = Buffer.from(JSON.stringify(value), 'utf8');
    const bytes = Buffer.alloc(this.sectors * this.device.sectorBytes);
    if (headerBytes + json.length > bytes.length) throw new RangeError(`no room for ${json.length} bytes`);
    bytes.writeUInt32LE(number, 0);
    bytes.writeUInt32LE(json.length, 4);
    json.copy(bytes, headerBytes);
    bytes.writeUInt32LE(checksum(number, json), 8);
    const copy = newest === undefined ? 0 : 1 - newest.copy;
    const used = Math.ceil((headerBytes + json.length) / this.device.sectorBytes);
    for (let sector = 0; sector < used; sector += 1) {
      const from = sector * this.device.sectorBytes;
      const at = this.first + copy * this.sectors + sector;
      await this.device.write(at, bytes.subarray(from, from + this.device.sectorBytes));
    }
    await this.device.sync();
  }

  private async newest(): Promise<Copy | undefined> {
    return newestCopy([await this.copy(0), await this.copy(1)]);
  }

  private async copy(copy: 0 | 1): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let sector = 0; sector < this.sectors; sector += 1) {
      parts.push(await this.device.read(this.first + copy * this.sectors + sector));
    }
    return Buffer.concat(parts);
  }
}

interface Copy {
  readonly copy: 0 | 1;
  readonly number: number;
  readonly value: unknown;
}

/** Of the bytes of both copies, what the younger whole one holds. */
export function newestCopy([one, other]: readonly [Uint8Array, Uint8Array]): Copy | undefined {
  const whole = [decoded(0, one), decoded(1, other)].filter((copy) => copy !== undefined);
  return whole.sort((a, b) => b.number - a.number)[0];
}

function decoded(copy: 0 | 1, content: Uint8Array): Copy | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const number = bytes.readUInt32LE(0);
  const length = bytes.readUInt32LE(4);
  if (number === 0 || headerBytes + length > bytes.length) return undefined;
  const json = bytes.subarray(headerBytes, headerBytes + length);
  if (checksum(number, json) !== bytes.readUInt32LE(8)) return undefined;
  return { copy, number, value: parseJson(json.toString('utf8')) };
}

function checksum(number: number, json: Uint8Array): number {
  return crc32(json, number);
}
