import type { Clock } from '#shared/kernel/clock.ts';

export type Cancel = () => void;

/**
 * The local cloud's time. Every timer of ours (visibility time-outs, TTL, keep-alive, retries, token
 * life) is set here, so that time can be moved; functions see it as `Date`. TLS and the signatures of
 * callers outside keep real time.
 */
export interface LocalClock extends Clock {
  /** Calls `fire` once, `ms` from now. The timer never keeps the process alive. */
  after(ms: number, fire: () => void): Cancel;
}

export const systemClock: LocalClock = {
  now: () => Date.now(),
  after(ms, fire) {
    const timer = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Timer {
  at: number;
  /** What it was set for. */
  readonly ms: number;
  readonly fire: () => void;
  real: NodeJS.Timeout | undefined;
}

/** This machine's time, moved by as much as somebody likes. Timers follow when it is moved. */
export class MovableClock implements LocalClock {
  #ahead = 0;
  readonly #timers = new Set<Timer>();
  readonly #watching = new Set<(ahead: number) => void>();

  now(): number {
    return Date.now() + this.#ahead;
  }

  /** ms ahead of this machine's time; less than 0 is behind. */
  get ahead(): number {
    return this.#ahead;
  }

  after(ms: number, fire: () => void): Cancel {
    const timer: Timer = { at: this.now() + ms, ms, fire, real: undefined };
    this.#timers.add(timer);
    this.#set(timer);
    return () => this.#forget(timer);
  }

  /**
   * What has fired has fired. Set back, no timer waits longer than it was set for: what was planned in a future that
   * is taken back would otherwise stand still until that future comes.
   *
   * @param ms from now on the clock is so much ahead of this machine's
   */
  runAhead(ms: number): void {
    this.#ahead = ms;
    for (const tell of this.#watching) tell(ms);
    for (const timer of [...this.#timers]) {
      timer.at = Math.min(timer.at, this.now() + timer.ms);
      this.#set(timer);
    }
  }

  /** @param tell hears of every move, before anything happens by the new time */
  whenMoved(tell: (ahead: number) => void): Cancel {
    this.#watching.add(tell);
    return () => this.#watching.delete(tell);
  }

  #set(timer: Timer): void {
    clearTimeout(timer.real);
    const due = () => {
      // A real timer reaches no further than 24.8 days.
      if (timer.at > this.now()) return this.#set(timer);
      this.#forget(timer);
      timer.fire();
    };
    timer.real = setTimeout(due, Math.min(Math.max(timer.at - this.now(), 0), 2 ** 31 - 1));
    timer.real.unref();
  }

  #forget(timer: Timer): void {
    clearTimeout(timer.real);
    this.#timers.delete(timer);
  }
}
