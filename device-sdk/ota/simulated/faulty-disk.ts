import type { BlockDevice } from './block-device.ts';

/**
 * What becomes of the writes that were not synced when the power goes. `lost`: of all of them nothing; `torn`: of the
 * last one the first half, the others whole; `kept`: all of them; `reordered`: the last one alone.
 */
export const cuts = ['lost', 'torn', 'kept', 'reordered'] as const;
export type Cut = (typeof cuts)[number];

/** What a disk holds: sectors that were never written are not in it. */
export type Sectors = ReadonlyMap<number, Uint8Array>;

/** One battery feeds all disks of a vehicle: they lose their power at one moment. */
export class Power {
  private readonly disks: FaultyDisk[] = [];
  private supply: 'on' | 'off' = 'on';
  private readonly listeners: (() => void)[] = [];
  /** How many sectors were written since the power came. */
  writes = 0;
  /** Called with each write, before it is acknowledged. */
  onWrite: (disk: FaultyDisk) => void = () => {};

  get isOn(): boolean {
    return this.supply === 'on';
  }

  /** Resolves when the power is gone. */
  get gone(): Promise<void> {
    return new Promise((resolve) => (this.isOn ? this.listeners.push(resolve) : resolve()));
  }

  /** A disk with what it held when the power went. */
  disk(sectorBytes: number, holds: Sectors = new Map()): FaultyDisk {
    const disk = new FaultyDisk(this, sectorBytes, holds);
    this.disks.push(disk);
    return disk;
  }

  /** Ends the power now. What each disk holds then, `after` said a moment before. */
  cut(): void {
    this.supply = 'off';
    for (const listener of this.listeners.splice(0)) listener();
  }

  /** What every disk would hold if the power went now, in the order in which they were made. */
  after(cut: Cut, last: FaultyDisk): Sectors[] {
    return this.disks.map((disk) => disk.after(disk === last || cut !== 'reordered' ? cut : 'lost'));
  }
}

/** A disk in memory with a cache that it empties when told to, and in whatever order it likes. */
export class FaultyDisk implements BlockDevice {
  readonly sectorBytes: number;
  private readonly power: Power;
  private stable: Map<number, Uint8Array>;
  private cache: (readonly [sector: number, bytes: Uint8Array])[] = [];

  /** @internal */
  constructor(power: Power, sectorBytes: number, holds: Sectors) {
    this.power = power;
    this.sectorBytes = sectorBytes;
    this.stable = new Map(holds);
  }

  async read(sector: number): Promise<Uint8Array> {
    if (!this.power.isOn) return await never();
    const cached = this.cache.findLast(([at]) => at === sector);
    return cached?.[1] ?? this.stable.get(sector) ?? new Uint8Array(this.sectorBytes);
  }

  async write(sector: number, bytes: Uint8Array): Promise<void> {
    if (!this.power.isOn) return await never();
    if (bytes.length !== this.sectorBytes) throw new RangeError(`a sector has ${this.sectorBytes} bytes`);
    this.cache.push([sector, Uint8Array.from(bytes)]);
    this.power.writes += 1;
    this.power.onWrite(this);
    if (!this.power.isOn) await never();
  }

  async sync(): Promise<void> {
    if (!this.power.isOn) return await never();
    for (const [sector, bytes] of this.cache.splice(0)) this.stable.set(sector, bytes);
  }

  /** What would be left if the power went now. */
  after(cut: Cut): Sectors {
    const left = new Map(this.stable);
    const last = this.cache.at(-1);
    if (cut === 'lost' || last === undefined) return left;
    if (cut !== 'reordered') for (const [sector, bytes] of this.cache.slice(0, -1)) left.set(sector, bytes);
    const [sector, bytes] = last;
    left.set(sector, cut === 'torn' ? this.torn(bytes, left.get(sector)) : bytes);
    return left;
  }

  private torn(bytes: Uint8Array, former: Uint8Array = new Uint8Array(this.sectorBytes)): Uint8Array {
    const half = this.sectorBytes / 2;
    return Uint8Array.of(...bytes.subarray(0, half), ...former.subarray(half));
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
