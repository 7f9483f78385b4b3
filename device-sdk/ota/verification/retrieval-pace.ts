import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';

/** What a download has to manage at the least. */
export interface MinimumPace {
  /** Averaged over `windowMs`. */
  readonly bytesPerSecond: number;
  readonly windowMs: number;
}

/** A 1 GB image at this pace takes eleven days: slower is no connection but somebody who keeps the car busy. */
export const minimumPace: MinimumPace = { bytesPerSecond: 1024, windowMs: 30_000 };

/**
 * Watches a retrieval for one that never ends (Standard, 5.4.2.4). Times are those of a monotonic clock.
 *
 * @example const pace = new RetrievalPace(host.monotonic()); pace.arrived(chunk.length, host.monotonic());
 */
export class RetrievalPace {
  private readonly minimum: MinimumPace;
  private windowStart: number;
  private bytes = 0;

  constructor(startedAt: number, minimum: MinimumPace = minimumPace) {
    this.windowStart = startedAt;
    this.minimum = minimum;
  }

  /** @throws RefusedUpdate `slow-retrieval` at the end of a window in which too little came */
  arrived(bytes: number, at: number): void {
    this.bytes += bytes;
    const elapsed = at - this.windowStart;
    if (elapsed < this.minimum.windowMs) return;
    const pace = (this.bytes * 1000) / elapsed;
    if (pace < this.minimum.bytesPerSecond) {
      throw new RefusedUpdate('slow-retrieval', `${Math.round(pace)} bytes a second came, ${this.bytes} in all`);
    }
    this.windowStart = at;
    this.bytes = 0;
  }
}
