import type { Host } from '#device-sdk/host.ts';
import type { Storage } from '#device-sdk/storage.ts';

export const noon = Date.UTC(2026, 5, 1, 12);

/** One life of the control unit: it may be killed before or after any of what it does, and then does nothing more. */
export class Life {
  /** Counts down before and after each deed; the process dies when it is used up. */
  static fatal = Number.POSITIVE_INFINITY;
  private isOver = false;
  readonly died: Promise<void>;
  private die: () => void = () => {};

  constructor() {
    this.died = new Promise((resolve) => {
      this.die = resolve;
    });
  }

  get over(): boolean {
    return this.isOver;
  }

  kill(): void {
    this.isOver = true;
    this.die();
  }

  readonly perform = <Result>(deed: () => Result): Result => {
    if (this.step()) throw new Error('killed');
    const result = deed();
    if (this.step()) throw new Error('killed');
    return result;
  };

  private step(): boolean {
    if (this.isOver) return true;
    Life.fatal -= 1;
    if (Life.fatal === 0) this.kill();
    return this.isOver;
  }
}

/** The vehicle's disk. After `kill` the process that writes is no more. */
export class Disk {
  readonly documents = new Map<string, string>();
  full = false;

  /** @param perform does the write, or dies over it */
  storage(perform: (write: () => void) => void): Storage {
    return {
      directory: '/nowhere',
      read: (name) => {
        const text = this.documents.get(name);
        return text === undefined ? undefined : JSON.parse(text);
      },
      write: (name, value) =>
        perform(() => {
          if (this.full) throw new Error('ENOSPC');
          this.documents.set(name, JSON.stringify(value));
        }),
      remove: (name) => void this.documents.delete(name),
      putAside: (name) => (this.documents.delete(name) ? name : undefined),
    };
  }
}

export class ManualHost implements Host {
  wall = noon;
  counted = 1000;
  private readonly timers = new Map<number, { readonly at: number; readonly fire: () => void }>();
  private nextTimer = 1;

  now = () => this.wall;
  monotonic = () => this.counted;
  newId = () => `id-${this.nextTimer++}`;

  after(ms: number, fire: () => void): () => void {
    const id = this.nextTimer++;
    this.timers.set(id, { at: this.counted + ms, fire });
    return () => void this.timers.delete(id);
  }

  pass(ms: number): void {
    this.wall += ms;
    this.counted += ms;
    for (const [id, { at, fire }] of [...this.timers]) {
      if (at > this.counted || !this.timers.delete(id)) continue;
      fire();
    }
  }

  forgetTimers(): void {
    this.timers.clear();
  }
}
