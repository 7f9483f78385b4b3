import type { LocalClock } from '#local/clock.ts';
import { HubError } from './hub-error.ts';

export type Sku = 'S1' | 'S2' | 'S3';

/** What a hub does only so often. */
export type Load =
  | 'registry'
  | 'connects'
  | 'telemetry'
  | 'devicebound'
  | 'twinReads'
  | 'twinUpdates'
  | 'methods'
  | 'queries'
  | 'jobs'
  | 'jobDevices';

interface Rate {
  readonly amount: number;
  readonly seconds: 1 | 60;
}

/**
 * Source: "IoT Hub quotas and throttling". Methods are bytes, everything else is operations. The service shapes traffic
 * for a while before it refuses; here what services ask beyond a second's, or a minute's, worth
 * is refused at once, and what devices send waits for its turn.
 */
export function rateOf(load: Load, sku: Sku, units: number): Rate {
  const large = sku === 'S3';
  const second = (amount: number): Rate => ({ amount, seconds: 1 });
  const minute = (amount: number): Rate => ({ amount, seconds: 60 });
  switch (load) {
    case 'registry':
      return minute((large ? 5000 : 100) * units);
    case 'connects':
    case 'telemetry':
      if (large) return second(6000 * units);
      return second(sku === 'S2' ? 120 * units : Math.max(100, 12 * units));
    case 'devicebound':
    case 'jobs':
      return minute((large ? 5000 : 100) * units);
    case 'twinReads':
      if (large) return second(500 * units);
      return second(sku === 'S2' ? Math.max(100, 10 * units) : 100);
    case 'twinUpdates':
      if (large) return second(250 * units);
      return second(sku === 'S2' ? Math.max(50, 5 * units) : 50);
    case 'methods':
      return second({ S1: 160, S2: 480, S3: 24 * 1024 }[sku] * 1024 * units);
    case 'queries':
      return minute((large ? 1000 : 20) * units);
    case 'jobDevices':
      if (large) return second(50 * units);
      return second(sku === 'S2' ? Math.max(10, units) : 10);
  }
}

/** Jobs that run at the same time. */
export const jobSlots: Readonly<Record<Sku, number>> = { S1: 1, S2: 5, S3: 10 };

/** ms; what would have to wait longer is refused. */
const longestLine = 30_000;

/** Counts what a hub is asked for, by the cloud's clock. */
export class Throttle {
  readonly #clock: LocalClock;
  readonly #sku: Sku;
  readonly #units: number;
  readonly #left = new Map<Load, { amount: number; at: number }>();

  constructor(options: { readonly clock: LocalClock; readonly sku: Sku; readonly units: number }) {
    this.#clock = options.clock;
    this.#sku = options.sku;
    this.#units = options.units;
  }

  /** @throws HubError ThrottlingException with the seconds after which it would go */
  take(load: Load, amount = 1): void {
    const wait = this.wait(load, amount);
    if (wait > 0) {
      const retryAfter = Math.ceil(wait / 1000);
      throw new HubError('ThrottlingException', `Too many requests: ${load}. Retry after ${retryAfter} s.`, {
        retryAfter,
      });
    }
    const left = this.#refilled(load);
    this.#left.set(load, { amount: left - amount, at: this.#clock.now() });
  }

  /**
   * Takes a place in the line, as the service does with what devices send: it is let through later, in order.
   *
   * @returns ms to wait @throws HubError ThrottlingBacklogLimitExceeded when the line is too long
   */
  shape(load: Load): number {
    const { amount: most, seconds } = rateOf(load, this.#sku, this.#units);
    const left = this.#refilled(load) - 1;
    const wait = left >= 0 ? 0 : (-left / most) * seconds * 1000;
    if (wait > longestLine) {
      const retryAfter = Math.ceil(wait / 1000);
      throw new HubError('ThrottlingBacklogLimitExceeded', `Too many requests wait: ${load}`, { retryAfter });
    }
    this.#left.set(load, { amount: left, at: this.#clock.now() });
    return wait;
  }

  /** ms until so much may be taken; 0: now. */
  wait(load: Load, amount = 1): number {
    const { amount: most, seconds } = rateOf(load, this.#sku, this.#units);
    // What is greater than everything goes alone: a payload of 128 KB at a hub of one unit.
    const missing = Math.min(amount, most) - this.#refilled(load);
    return missing <= 0 ? 0 : (missing / most) * seconds * 1000;
  }

  #refilled(load: Load): number {
    const { amount: most, seconds } = rateOf(load, this.#sku, this.#units);
    const kept = this.#left.get(load);
    if (kept === undefined) return most;
    const passed = Math.max(0, this.#clock.now() - kept.at) / 1000;
    return Math.min(most, kept.amount + (passed / seconds) * most);
  }
}
