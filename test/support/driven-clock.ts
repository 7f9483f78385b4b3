import type { Cancel, LocalClock } from '#local/clock.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
  real: NodeJS.Timeout | undefined;
}

/** The time of this machine, moved by as much as a test likes. Timers follow when it is moved. */
export class DrivenClock implements LocalClock {
  #ahead = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#ahead;
  }

  after(ms: number, fire: () => void): Cancel {
    const timer: Timer = { at: this.now() + ms, fire, real: undefined };
    this.#timers.add(timer);
    this.#set(timer);
    return () => this.#forget(timer);
  }

  /** @param ms from now on the clock is so much ahead of this machine's; less than 0 for behind */
  runAhead(ms: number): void {
    this.#ahead = ms;
    for (const timer of [...this.#timers]) this.#set(timer);
  }

  #set(timer: Timer): void {
    clearTimeout(timer.real);
    timer.real = setTimeout(
      () => {
        this.#forget(timer);
        timer.fire();
      },
      Math.min(Math.max(timer.at - this.now(), 0), 2 ** 31 - 1),
    );
    timer.real.unref();
  }

  #forget(timer: Timer): void {
    clearTimeout(timer.real);
    this.#timers.delete(timer);
  }
}
