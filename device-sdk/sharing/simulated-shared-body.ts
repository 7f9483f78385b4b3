import * as z from 'zod/mini';
import { openStorage, type Storage } from '../storage.ts';
import type { SharedBody, SharedConditions } from './shared-body.ts';

const recordSchema = z.object({ locked: z.boolean(), immobilised: z.boolean() });
const document = 'body';

const parked: SharedConditions = {
  ...{ doorsClosed: true, ignitionOn: false, speed: 0, keyInside: true, charging: false },
  ...{ place: { latitude: 52.52, longitude: 13.405 }, odometer: 12_000_000, charge: 80, rangeMeters: 180_000 },
};

/** A vehicle around the agent: doors and a drive that remember, a driver who does as told. */
export class SimulatedSharedBody implements SharedBody {
  private readonly storage: Storage;
  private readonly listeners = new Set<(conditions: SharedConditions) => void>();
  private state: SharedConditions;

  /** @param directory of its own: what is locked and immobilised outlasts a loss of power */
  constructor(directory: string, conditions: Partial<SharedConditions> = {}) {
    this.storage = openStorage(directory);
    this.state = { ...parked, ...conditions };
  }

  get locked(): boolean {
    return this.record.locked;
  }

  get immobilised(): boolean {
    return this.record.immobilised;
  }

  conditions(): SharedConditions {
    return this.state;
  }

  onConditions(listener: (conditions: SharedConditions) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Somebody opens a door, turns it on, drives, plugs it in. */
  set(change: Partial<SharedConditions>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener(this.state);
  }

  async unlock(): Promise<void> {
    this.become({ locked: false });
  }

  async lock(): Promise<void> {
    this.become({ locked: true });
  }

  async enable(): Promise<void> {
    this.become({ immobilised: false });
  }

  async immobilise(): Promise<void> {
    this.become({ immobilised: true });
  }

  private get record(): z.infer<typeof recordSchema> {
    return recordSchema.safeParse(this.storage.read(document)).data ?? { locked: true, immobilised: true };
  }

  private become(change: Partial<z.infer<typeof recordSchema>>): void {
    this.storage.write(document, { ...this.record, ...change });
  }
}
