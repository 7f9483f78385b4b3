import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import {
  type EcuInstaller,
  type EcuSoftware,
  type EcuState,
  type Health,
  otherSlot,
  type Slot,
  type SlotState,
} from '../ecu-installer.ts';
import type { BlockDevice } from './block-device.ts';
import { DurableRecord } from './durable-record.ts';
import { type Misbehaviour, Misbehaviours } from './misbehaviour.ts';
import { SlotFlash } from './slot-flash.ts';

const software = z.object({
  softwareVersion: z.string(),
  releaseCounter: z.int(),
  length: z.int(),
  sha256: z.string(),
});
const slot = z.discriminatedUnion('status', [
  z.object({ status: z.literal('empty') }),
  z.object({ status: z.enum(['filled', 'bad']), software }),
]);
const recordSchema = z.object({
  serialNumber: z.string(),
  hardwareId: z.string(),
  boots: z.enum(['a', 'b']),
  releaseCounter: z.int(),
  slots: z.object({ a: slot, b: slot }),
});
type BootRecord = z.infer<typeof recordSchema>;

export interface Manufactured {
  readonly serialNumber: string;
  readonly hardwareId: string;
  readonly softwareVersion: string;
  readonly releaseCounter: number;
  readonly image: Uint8Array;
}

/** How often a boot loader tries what does not come up. */
const bootAttempts = 3;
/** Sectors of one copy of the boot record. */
const recordSectors = 2;

/** A control unit with two slots and a boot loader, on a simulated disk. */
export class SimulatedEcu implements EcuInstaller {
  readonly ecuId: string;
  readonly misbehaviours = new Misbehaviours();
  private readonly device: BlockDevice;
  private readonly flash: SlotFlash;
  private readonly record: DurableRecord;
  private running: Slot = 'a';
  /** Resolves when the unit is up. */
  private built: Promise<void> = Promise.resolve();

  /** @param slotBytes the longest image that a slot takes */
  constructor(ecuId: string, device: BlockDevice, slotBytes: number) {
    this.ecuId = ecuId;
    this.device = device;
    this.record = new DurableRecord(device, 0, recordSectors);
    this.flash = new SlotFlash(device, 2 * recordSectors, slotBytes);
  }

  get blockBytes(): number {
    return this.device.sectorBytes;
  }

  /** As it comes from its supplier: its first software in slot a. */
  async manufacture({ serialNumber, hardwareId, softwareVersion, releaseCounter, image }: Manufactured): Promise<void> {
    for (let offset = 0; offset < image.length; offset += this.blockBytes) {
      await this.flash.put('a', offset, image.subarray(offset, offset + this.blockBytes));
    }
    await this.device.sync();
    const sha256 = createHash('sha256').update(image).digest('hex');
    const filled: SlotState = {
      status: 'filled',
      software: { softwareVersion, releaseCounter, length: image.length, sha256 },
    };
    const slots = { a: filled, b: { status: 'empty' as const } };
    await this.record.write({ serialNumber, hardwareId, boots: 'a', releaseCounter, slots });
  }

  /** Starts it, after it was made where it is new: whatever is asked of it waits for that. */
  buildIn(made: Manufactured): void {
    const start = async () => {
      if (!(await this.exists())) await this.manufacture(made);
      await this.powerOn();
    };
    this.built = start();
    // Whoever asks it something learns of it.
    this.built.catch(() => {});
  }

  /** Whether it was ever manufactured. */
  async exists(): Promise<boolean> {
    return (await this.record.read()) !== undefined;
  }

  /** What the boot loader does when power comes. @throws where neither slot starts */
  async powerOn(): Promise<void> {
    const record = await this.known();
    for (let attempt = 1; attempt <= bootAttempts; attempt += 1) {
      if (!(await this.starts(record, record.boots))) continue;
      this.running = record.boots;
      return;
    }
    const other = otherSlot(record.boots);
    if (!(await this.starts(record, other))) throw new Error(`${this.ecuId} starts from neither slot`);
    const given = record.slots[record.boots];
    const slots = { ...record.slots };
    if (given.status === 'filled') slots[record.boots] = { status: 'bad', software: given.software };
    await this.record.write({ ...record, boots: other, slots });
    this.running = other;
  }

  async inspect(): Promise<EcuState> {
    await this.oddly('inspect');
    const { running } = this;
    return { ...(await this.known()), running };
  }

  async erase(signal: AbortSignal): Promise<void> {
    if ((await this.oddly('erase')) === 'lie') return;
    const record = await this.known();
    signal.throwIfAborted();
    const target = otherSlot(this.running);
    if (record.slots[target].status === 'empty') return;
    await this.record.write({ ...record, slots: { ...record.slots, [target]: { status: 'empty' } } });
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if ((await this.oddly('write')) === 'lie') return;
    signal.throwIfAborted();
    await this.flash.put(otherSlot(this.running), offset, bytes);
  }

  async seal(meant: EcuSoftware, signal: AbortSignal): Promise<string> {
    if ((await this.oddly('seal', meant.softwareVersion)) === 'lie') return meant.sha256;
    await this.device.sync();
    const target = otherSlot(this.running);
    const found = await this.flash.digest(target, meant.length);
    const record = await this.known();
    signal.throwIfAborted();
    const holds = record.slots[target];
    if (found === meant.sha256 && holds.status === 'empty') {
      await this.record.write({
        ...record,
        slots: { ...record.slots, [target]: { status: 'filled', software: meant } },
      });
    }
    return found;
  }

  async switchTo(target: Slot, signal: AbortSignal): Promise<void> {
    await this.built;
    const record = await this.known();
    const holds = record.slots[target];
    const version = holds.status === 'empty' ? undefined : holds.software.softwareVersion;
    if ((await this.oddly('switchTo', version)) === 'lie') return;
    if (holds.status !== 'filled') throw new Error(`slot ${target} is ${holds.status}`);
    if (holds.software.releaseCounter < record.releaseCounter) throw new Error(`slot ${target} is too old`);
    signal.throwIfAborted();
    if (record.boots !== target) await this.record.write({ ...record, boots: target });
  }

  async boot(signal: AbortSignal): Promise<void> {
    await this.built;
    const { slots, boots } = await this.known();
    const holds = slots[boots];
    const version = holds.status === 'empty' ? undefined : holds.software.softwareVersion;
    // One that fails is a boot loop, which the boot loader meets.
    const how = await this.oddly('boot', version, ['hang', 'lie']);
    signal.throwIfAborted();
    if (how !== 'lie') await this.powerOn();
  }

  async health(): Promise<Health> {
    await this.built;
    const version = await this.runningVersion();
    await this.oddly('health', version, ['hang']);
    if (await this.flash.begins(this.running, 'unhealthy'))
      return { status: 'unhealthy', reason: 'its own check failed' };
    return this.misbehaviours.take('health', version, ['fail']) === undefined
      ? { status: 'healthy' }
      : { status: 'unhealthy', reason: 'its own check failed' };
  }

  async commit(signal: AbortSignal): Promise<void> {
    await this.built;
    if ((await this.oddly('commit', await this.runningVersion())) === 'lie') return;
    const record = await this.known();
    const runs = record.slots[this.running];
    if (runs.status === 'empty') throw new Error('nothing is known of what runs');
    const { releaseCounter } = runs.software;
    signal.throwIfAborted();
    if (releaseCounter > record.releaseCounter) await this.record.write({ ...record, releaseCounter });
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    await this.oddly('read');
    return await this.flash.content(this.running, offset, length);
  }

  misbehave(...what: readonly Misbehaviour[]): void {
    this.misbehaviours.add(...what);
  }

  /** Rejects, hangs, or resolves with a lie or nothing. */
  private async oddly(
    on: Misbehaviour['on'],
    version?: string,
    among?: readonly Misbehaviour['how'][],
  ): Promise<Misbehaviour['how'] | undefined> {
    await this.built;
    const how = this.misbehaviours.take(on, version, among);
    if (how === 'hang') return await new Promise(() => {});
    if (how === 'fail') throw new Error('it says no');
    return how;
  }

  private async starts(record: BootRecord, target: Slot): Promise<boolean> {
    const holds = record.slots[target];
    if (holds.status !== 'filled' || holds.software.releaseCounter < record.releaseCounter) return false;
    if (this.misbehaviours.take('boot', holds.software.softwareVersion, ['fail']) === 'fail') return false;
    if (await this.flash.begins(target, 'boot-loop')) return false;
    return (await this.flash.digest(target, holds.software.length)) === holds.software.sha256;
  }

  private async runningVersion(): Promise<string | undefined> {
    const runs = (await this.known()).slots[this.running];
    return runs.status === 'empty' ? undefined : runs.software.softwareVersion;
  }

  private async known(): Promise<BootRecord> {
    return recordSchema.parse(await this.record.read());
  }
}
