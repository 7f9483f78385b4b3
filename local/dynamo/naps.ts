import type { LocalClock } from '#local/clock.ts';
import type { TableWrites } from './table-writes.ts';

/** How the readers of a stream wait: until a time, until the table is written to, or until they are stopped. */
export class Naps {
  readonly #clock: LocalClock;
  readonly #unfollow: () => void;
  readonly #sleepers = new Set<() => void>();
  #written = 0;
  #stopped = false;

  constructor(clock: LocalClock, writes: TableWrites, table: string) {
    this.#clock = clock;
    this.#unfollow = writes.follow(table, () => {
      this.#written++;
      this.wake();
    });
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Counts writes to the table, so that one between a look and the nap after it is not slept over. */
  get written(): number {
    return this.#written;
  }

  sleep(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#sleepers.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#sleepers.add(wake);
    });
  }

  wake(): void {
    for (const wake of [...this.#sleepers]) wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#unfollow();
    this.wake();
  }
}
