import { randomUUID } from 'node:crypto';

export type Cancel = () => void;

/** The control unit that the SDK runs on: its clocks, its timers, its source of identifiers. */
export interface Host {
  /** The wall clock, ms since the Unix epoch. May be wrong: nothing that opens a door relies on it. */
  now(): number;
  /** Milliseconds on a clock that never steps back. */
  monotonic(): number;
  /** Calls `fire` once, `ms` from now. */
  after(ms: number, fire: () => void): Cancel;
  newId(): string;
}

export type Log = (line: string) => void;

export const thisHost: Host = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
  newId: () => randomUUID(),
};

/** A host whose timers can be stopped all at once, so that a closed vehicle keeps no process alive. */
export interface ScopedHost extends Host {
  cancelAll(): void;
}

export function scoped(host: Host): ScopedHost {
  const running = new Set<Cancel>();
  return {
    now: () => host.now(),
    monotonic: () => host.monotonic(),
    newId: () => host.newId(),
    after(ms, fire) {
      const stop = host.after(ms, () => {
        running.delete(cancel);
        fire();
      });
      const cancel = () => {
        running.delete(cancel);
        stop();
      };
      running.add(cancel);
      return cancel;
    },
    cancelAll() {
      for (const cancel of [...running]) cancel();
    },
  };
}

/** What an unknown thrown value says. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
