import type { LocalClock } from '#local/clock.ts';

/** Time that stands still until it is moved. */
export class ManualClock implements LocalClock {
  #now: number;
  readonly #timers = new Set<{ at: number; readonly ms: number; readonly fire: () => void }>();

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fire: () => void): () => void {
    const timer = { at: this.#now + ms, ms, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Fires everything that is due on the way, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = until;
  }

  /** No timer waits longer than it was set for, as with the `MovableClock`. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) timer.at = Math.min(timer.at, this.#now + timer.ms);
  }
}
