import type { LocalClock } from '#local/clock.ts';

interface Held {
  ahead: number;
  readonly release: () => void;
}

/** Messages that wait until others have overtaken them. */
export class HeldMessages {
  readonly #clock: LocalClock;
  readonly #held = new Set<Held>();

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** Resolves after `behind` others went ahead, or when the time is over. */
  hold(behind: number, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        if (!this.#held.delete(held)) return;
        cancel();
        // The one that goes ahead is only now on its way.
        setImmediate(resolve);
      };
      const held: Held = { ahead: behind, release };
      const cancel = this.#clock.after(milliseconds, release);
      this.#held.add(held);
    });
  }

  /** Another one goes ahead. */
  passed(): void {
    for (const held of this.#held) {
      held.ahead -= 1;
      if (held.ahead <= 0) held.release();
    }
  }

  releaseAll(): void {
    for (const held of this.#held) held.release();
  }
}
