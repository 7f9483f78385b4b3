import type { SharedBody, SharedConditions } from '#device-sdk/sharing/shared-body.ts';

const parkedInZone: SharedConditions = {
  ...{ doorsClosed: true, ignitionOn: false, speed: 0, keyInside: true, charging: false },
  ...{ place: { latitude: 52.52, longitude: 13.405 }, odometer: 12_000_000, charge: 80 },
};

/** A body that remembers what was done to it, and whether that was done while it moved. */
export class ObservedBody implements SharedBody {
  state = parkedInZone;
  locked = true;
  immobilised = true;
  readonly deeds: string[] = [];
  /** What fails. */
  broken = new Set<string>();
  onDeed: (deed: string) => void = () => {};
  private readonly listeners = new Set<(conditions: SharedConditions) => void>();

  conditions = () => this.state;
  unlock = () => this.done('unlock', () => (this.locked = false));
  lock = () => this.done('lock', () => (this.locked = true));
  enable = () => this.done('enable', () => (this.immobilised = false));
  immobilise = () => this.done('immobilise', () => (this.immobilised = true));

  onConditions(listener: (conditions: SharedConditions) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(change: Partial<SharedConditions>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener(this.state);
  }

  private async done(deed: string, act: () => void): Promise<void> {
    this.onDeed(deed);
    if (this.broken.has(deed)) throw new Error(`no ${deed}`);
    act();
    this.deeds.push(this.state.speed > 0 ? `${deed} in motion` : deed);
  }
}
