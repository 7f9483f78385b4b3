import type { Cancel } from '#local/clock.ts';

export interface TimerSource {
  now(): number;
  after(ms: number, fire: () => void): Cancel;
}

/** A timer of which at most one runs. */
export class SingleTimer {
  readonly #source: TimerSource;
  #cancel: Cancel | undefined;

  constructor(source: TimerSource) {
    this.#source = source;
  }

  /** Does nothing where it runs already. */
  start(ms: number, fire: () => void): void {
    this.#cancel ??= this.#source.after(ms, () => {
      this.#cancel = undefined;
      fire();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
