import type { Duplex } from 'node:stream';
import { limits } from './limits.ts';

/**
 * The QoS 1 messages that a client has sent and that are not acknowledged yet, a hundred at most. A client of MQTT 5
 * was told so. One of 3.1.1 cannot know: AWS IoT takes nothing more from it until it has acknowledged a message.
 */
export class Inflow {
  readonly #socket: Duplex;
  readonly #waits: () => boolean;
  readonly #held: (() => void)[] = [];
  readonly #open = new Set<number>();

  /** @param waits whether the client is to wait, for it was told no quota */
  constructor(socket: Duplex, waits: () => boolean) {
    this.#socket = socket;
    this.#waits = waits;
  }

  /** Handles a packet now, or in its turn. */
  take(handle: () => void): void {
    if (this.#held.length === 0 && !this.#full) {
      handle();
      return;
    }
    this.#held.push(handle);
    this.#socket.pause();
  }

  /** A message came. It may be one too many, or come under the id of another one that is still open. */
  begin(packetId: number): 'taken' | 'too-many' | 'in-use' {
    if (this.#open.has(packetId)) return 'in-use';
    this.#open.add(packetId);
    return this.#open.size <= limits.receiveMaximum ? 'taken' : 'too-many';
  }

  /** A message was acknowledged, or never will be. */
  end(packetId: number): void {
    this.#open.delete(packetId);
    while (!this.#full) {
      const handle = this.#held.shift();
      if (handle === undefined) break;
      handle();
    }
    if (this.#held.length === 0) this.#socket.resume();
  }

  get #full(): boolean {
    return this.#open.size >= limits.receiveMaximum && this.#waits();
  }
}
