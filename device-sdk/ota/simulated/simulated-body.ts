import * as z from 'zod/mini';
import type { Conditions, VehicleBody } from '../vehicle-body.ts';
import type { BlockDevice } from './block-device.ts';
import { DurableRecord } from './durable-record.ts';

const recordSchema = z.object({ immobilised: z.boolean() });

const parkedAtHome: Conditions = { parked: true, ignitionOn: false, battery: 80, charging: false };

/** The vehicle around its control units: an immobiliser that remembers, a battery, an ignition key. */
export class SimulatedBody implements VehicleBody {
  private readonly record: DurableRecord;
  private readonly listeners = new Set<(conditions: Conditions) => void>();
  private state = parkedAtHome;
  /** Minutes of an installation that the battery has energy for, beyond what else it needs. */
  energyMinutes = 120;
  reservedMinutes = 0;

  constructor(device: BlockDevice) {
    this.record = new DurableRecord(device, 0, 1);
  }

  conditions(): Conditions {
    return this.state;
  }

  onConditions(listener: (conditions: Conditions) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Somebody turns the key, pushes the car, plugs it in. */
  set(change: Partial<Conditions>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener(this.state);
  }

  async reserveEnergy(minutes: number): Promise<boolean> {
    // For the way there and the way back.
    if (2 * minutes > this.energyMinutes) return false;
    this.reservedMinutes = minutes;
    return true;
  }

  async freeEnergy(): Promise<void> {
    this.reservedMinutes = 0;
  }

  immobilise(): Promise<void> {
    return this.become(true);
  }

  mobilise(): Promise<void> {
    return this.become(false);
  }

  async isImmobilised(): Promise<boolean> {
    return recordSchema.safeParse(await this.record.read()).data?.immobilised ?? false;
  }

  private async become(immobilised: boolean): Promise<void> {
    if ((await this.isImmobilised()) !== immobilised) await this.record.write({ immobilised });
  }
}
