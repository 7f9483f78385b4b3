import type { Cancel, LocalClock } from '#local/clock.ts';
import type { Instant } from '#shared/kernel/clock.ts';

interface Appointment {
  readonly key: string;
  at: Instant;
  readonly keep: () => void;
}

/**
 * Any number of appointments, one a key, on one timer of the clock: a campaign has as many time-outs as vehicles.
 * A heap, the earliest first; an appointment that was set anew stays in it until its time and is then passed over.
 * Where the clock is set back, each waits as long as it would have waited.
 */
export class Agenda {
  readonly #clock: LocalClock;
  readonly #log: (line: string) => void;
  readonly #valid = new Map<string, Appointment>();
  readonly #heap: Appointment[] = [];
  #alarm: { readonly at: Instant; readonly cancel: Cancel } | undefined;
  #closed = false;
  /** The clock, as it was last seen. */
  #seen: Instant;

  constructor(clock: LocalClock, log: (line: string) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#seen = clock.now();
  }

  /** In place of what stood under this key. A time that has passed is kept soon, never at once. */
  set(key: string, at: Instant, keep: () => void): void {
    if (this.#closed) return;
    this.#look();
    const appointment = { key, at, keep };
    this.#valid.set(key, appointment);
    this.#heap.push(appointment);
    this.#rise(this.#heap.length - 1);
    this.#ring();
  }

  cancel(key: string): void {
    this.#valid.delete(key);
  }

  close(): void {
    this.#closed = true;
    this.#alarm?.cancel();
  }

  /** What the clock shows. Nothing waits for a future that it was set back from. */
  #look(expected = this.#seen): Instant {
    const now = this.#clock.now();
    const back = expected - now;
    this.#seen = now;
    if (back <= 0) return now;
    for (const appointment of this.#heap) appointment.at -= back;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    return now;
  }

  #ring(): void {
    const [earliest] = this.#heap;
    if (earliest === undefined || (this.#alarm !== undefined && this.#alarm.at <= earliest.at)) return;
    this.#alarm?.cancel();
    const wait = Math.max(0, earliest.at - this.#clock.now());
    this.#alarm = { at: earliest.at, cancel: this.#clock.after(wait, () => this.#keep()) };
  }

  #keep(): void {
    // An alarm that comes before its time comes after the wait that it was set for.
    const now = this.#look(this.#alarm?.at);
    this.#alarm = undefined;
    const due: Appointment[] = [];
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      this.#pop();
      if (this.#valid.get(top.key) === top) due.push(top);
    }
    for (const appointment of due) {
      // One that came before may have cancelled or moved it.
      if (this.#closed || this.#valid.get(appointment.key) !== appointment) continue;
      this.#valid.delete(appointment.key);
      try {
        appointment.keep();
      } catch (error) {
        this.#log(`${appointment.key} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.#ring();
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapped(parent, at)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]];
      if (left === undefined) return;
      const child = right !== undefined && right.at < left.at ? 2 * at + 2 : 2 * at + 1;
      if (!this.#swapped(at, child)) return;
      at = child;
    }
  }

  /** True: the lower one was earlier and now stands above. */
  #swapped(upper: number, lower: number): boolean {
    const [above, below] = [this.#heap[upper], this.#heap[lower]];
    if (above === undefined || below === undefined || below.at >= above.at) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }
}
