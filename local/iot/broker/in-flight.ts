import type { Outgoing } from './message.ts';

interface Sent {
  readonly outgoing: Outgoing;
  firstAt: number;
  lastAt: number;
}

/** The QoS 1 messages that were sent to one client and that it has not acknowledged, by packet id. */
export class InFlight {
  readonly #sent = new Map<number, Sent>();
  #lastPacketId = 0;

  get size(): number {
    return this.#sent.size;
  }

  /** @returns the packet id to send it with */
  add(outgoing: Outgoing, now: number): number {
    do this.#lastPacketId = (this.#lastPacketId % 65_535) + 1;
    while (this.#sent.has(this.#lastPacketId));
    this.#sent.set(this.#lastPacketId, { outgoing, firstAt: now, lastAt: now });
    return this.#lastPacketId;
  }

  /** It was acknowledged, or never will be. Undefined: no such packet id is open. */
  remove(packetId: number): Outgoing | undefined {
    const outgoing = this.#sent.get(packetId)?.outgoing;
    this.#sent.delete(packetId);
    return outgoing;
  }

  /**
   * Those that were sent last at least `interval` ago, the oldest first, with the time of their first sending; and those
   * from a future that the clock was set back from, which would otherwise wait until it comes.
   */
  sentBefore(
    now: number,
    interval: number,
  ): readonly { readonly packetId: number; readonly outgoing: Outgoing; readonly firstAt: number }[] {
    return [...this.#sent].flatMap(([packetId, { outgoing, firstAt, lastAt }]) =>
      lastAt <= now - interval || lastAt > now ? [{ packetId, outgoing, firstAt }] : [],
    );
  }

  /** When one was sent last that has waited longest; Infinity when none is open. */
  longestAgo(): number {
    return Math.min(...[...this.#sent.values()].map(({ lastAt }) => lastAt));
  }

  repeated(packetId: number, now: number): void {
    const sent = this.#sent.get(packetId);
    if (sent === undefined) return;
    sent.lastAt = now;
    sent.firstAt = Math.min(sent.firstAt, now);
  }

  /** @returns what was open */
  clear(): readonly Outgoing[] {
    const open = [...this.#sent.values()].map(({ outgoing }) => outgoing);
    this.#sent.clear();
    return open;
  }
}
