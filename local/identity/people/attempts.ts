import type { LocalClock } from '#local/clock.ts';

interface Failures {
  readonly count: number;
  readonly lockedUntil: number;
  readonly lastAt: number;
}

const free = 5;
const forgottenAfter = 15 * 60_000;
const mostNames = 10_000;

/**
 * Slows the guessing of passwords as Cognito does ("Lockout behavior for failed sign-in attempts"): from the fifth
 * wrong one on a name is locked for 1, 2, 4 … seconds, 15 minutes at the most; 15 quiet minutes forgive. Names that
 * nobody has are locked in the same way, so that it tells nothing.
 */
export class Attempts {
  readonly #clock: LocalClock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** An attempt while a name is locked does not lock it for longer. */
  locked(name: string): boolean {
    const now = this.#clock.now();
    const until = this.#known(name)?.lockedUntil ?? 0;
    // From a future that the clock was set back from it would lock for ever.
    return until > now && until - now <= forgottenAfter;
  }

  failed(name: string): void {
    const now = this.#clock.now();
    const count = (this.#known(name)?.count ?? 0) + 1;
    const lock = count < free ? 0 : Math.min(1000 * 2 ** (count - free), forgottenAfter);
    this.#failures.delete(name);
    this.#failures.set(name, { count, lockedUntil: now + lock, lastAt: now });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > mostNames && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeeded(name: string): void {
    this.#failures.delete(name);
  }

  #known(name: string): Failures | undefined {
    const known = this.#failures.get(name);
    if (known === undefined) return undefined;
    const quietSince = Math.max(known.lastAt, known.lockedUntil);
    if (quietSince + forgottenAfter > this.#clock.now()) return known;
    this.#failures.delete(name);
    return undefined;
  }
}
