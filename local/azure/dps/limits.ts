import type { LocalClock } from '#local/clock.ts';
import { ProvisioningError } from './provisioning-error.ts';

interface Window {
  readonly begins: number;
  readonly count: number;
}

const minute = 60_000;
const pollWindow = 10_000;
const tooMany = (retryAfter: number) =>
  new ProvisioningError(429001, 'Operations are being throttled.', { retryAfter });

/** Source: "Azure subscription limits", Device Provisioning Service: 1,000 registrations a minute, 5 polls of a device in 10 s. */
export class ProvisioningLimits {
  readonly #clock: LocalClock;
  #registrations: Window = { begins: 0, count: 0 };
  readonly #polls = new Map<string, Window>();

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** @throws ProvisioningError 429 */
  registers(): void {
    this.#registrations = this.#counted(this.#registrations, minute);
    if (this.#registrations.count > 1000) throw tooMany(minute / 1000);
  }

  /** @throws ProvisioningError 429 */
  polls(registrationId: string): void {
    const window = this.#counted(this.#polls.get(registrationId), pollWindow);
    this.#polls.set(registrationId, window);
    if (this.#polls.size > 10_000) this.#polls.clear(); // who asks so seldom is within the limit
    if (window.count > 5) throw tooMany(pollWindow / 1000);
  }

  #counted(window: Window | undefined, length: number): Window {
    const now = this.#clock.now();
    const over = window === undefined || now < window.begins || now >= window.begins + length;
    return over ? { begins: now, count: 1 } : { begins: window.begins, count: window.count + 1 };
  }
}
