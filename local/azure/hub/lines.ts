import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { DeviceLine } from './device-line.ts';
import { Listeners } from './listeners.ts';

export interface ConnectionChange {
  readonly deviceId: string;
  readonly connectionId: string;
  readonly state: 'deviceConnected' | 'deviceDisconnected';
  /** 64 hex digits; of two changes of a device the later one has the greater text. */
  readonly sequenceNumber: string;
}

/** Who is connected. One connection a device: the newest one. */
export class Lines {
  readonly changed = new Listeners<ConnectionChange>();
  readonly #lines = new Map<string, DeviceLine>();
  readonly #numbers: Collection<number>;
  /** Ids of connections, by the device: what is left of it when the hub goes down is told at its next start. */
  readonly #connected: Collection<string>;
  readonly #clock: LocalClock;
  /** ms since the Unix epoch, of those that have been connected since the hub was started. */
  readonly #lastActivity = new Map<string, number>();

  constructor({ state, clock }: { readonly state: State; readonly clock: LocalClock }) {
    this.#numbers = state.collection('azure/connections');
    this.#connected = state.collection('azure/connected');
    this.#clock = clock;
  }

  /** Those that were connected when the hub went down are not any more. */
  announceLost(): void {
    for (const [deviceId, connectionId] of [...this.#connected.entries()]) {
      if (!this.#lines.has(deviceId)) this.#tell(deviceId, connectionId, 'deviceDisconnected');
    }
  }

  get(deviceId: string): DeviceLine | undefined {
    return this.#lines.get(deviceId);
  }

  isConnected(deviceId: string): boolean {
    return this.#lines.has(deviceId);
  }

  get size(): number {
    return this.#lines.size;
  }

  lastActivity(deviceId: string): number | undefined {
    return this.#lastActivity.get(deviceId);
  }

  /** An older connection of the device ends (400027, ConnectionForcefullyClosedOnNewConnection). */
  attach(deviceId: string, line: DeviceLine): void {
    this.drop(deviceId, 'ConnectionForcefullyClosedOnNewConnection');
    this.#lines.set(deviceId, line);
    this.#tell(deviceId, line.connectionId, 'deviceConnected');
  }

  /** The device has gone. A line that has been replaced is nobody's any more, and nothing happens. */
  detach(deviceId: string, line: DeviceLine): void {
    if (this.#lines.get(deviceId) !== line) return;
    this.#lines.delete(deviceId);
    this.#tell(deviceId, line.connectionId, 'deviceDisconnected');
  }

  /** The hub ends the connection of a device, if there is one. */
  drop(deviceId: string, reason: string): void {
    const line = this.#lines.get(deviceId);
    if (line === undefined) return;
    this.detach(deviceId, line);
    line.close(reason);
  }

  /** The hub goes down: lines end, and nobody is told before it is up again. */
  close(): void {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) line.close('ServiceUnavailable');
  }

  #tell(deviceId: string, connectionId: string, state: ConnectionChange['state']): void {
    if (state === 'deviceConnected') this.#connected.set(deviceId, connectionId);
    else this.#connected.delete(deviceId);
    const number = (this.#numbers.get('sequence') ?? 0) + 1;
    this.#numbers.set('sequence', number);
    this.#lastActivity.set(deviceId, this.#clock.now());
    this.changed.tell({
      deviceId,
      connectionId,
      state,
      sequenceNumber: number.toString(16).toUpperCase().padStart(64, '0'),
    });
  }
}
