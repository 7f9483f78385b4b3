import type { Clock } from '#shared/kernel/clock.ts';

export type Cancel = () => void;

/**
 * The local cloud's time. Every timer of ours (visibility time-outs, TTL, keep-alive, retries, token
 * life) is set here, so that time can be moved. TLS and SigV4 keep real time.
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
