import type { Cancel, LocalClock } from '#local/clock.ts';

/** So many at once at the most, before others have their turn. */
const mostAtOnce = 500;

/**
 * Does things at a pace, by the cloud's clock. When the clock is moved ahead, it does as many as the time would have
 * sufficed for: a campaign of hours is over in a moment.
 */
export class Pace {
  readonly #clock: LocalClock;
  readonly #interval: number;
  /** Does the next thing; false: there is none. */
  readonly #next: () => boolean;
  #at = 0;
  #cancel: Cancel | undefined;
  #soon: NodeJS.Immediate | undefined;
  #closed = false;

  /** @param perSecond things a second */
  constructor(clock: LocalClock, perSecond: number, next: () => boolean) {
    this.#clock = clock;
    this.#interval = 1000 / perSecond;
    this.#next = next;
  }

  /** There is something to do. */
  wake(): void {
    if (this.#closed || this.#cancel !== undefined || this.#soon !== undefined) return;
    this.#at = Math.max(this.#at, this.#clock.now());
    this.#later();
  }

  /** Does what was due by then, when the clock has leapt over it. @param until ms since the Unix epoch */
  catchUp(until: number): void {
    while (this.#at <= until && this.#next()) this.#at += this.#interval;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    clearImmediate(this.#soon);
  }

  #later(): void {
    this.#cancel = this.#clock.after(Math.max(0, this.#at - this.#clock.now()), () => {
      this.#cancel = undefined;
      this.#go();
    });
  }

  #go(): void {
    for (let done = 0; this.#at <= this.#clock.now(); done += 1) {
      if (done >= mostAtOnce) {
        this.#soon = setImmediate(() => {
          this.#soon = undefined;
          if (!this.#closed) this.#go();
        });
        return;
      }
      if (!this.#next()) return;
      this.#at += this.#interval;
    }
    this.#later();
  }
}
