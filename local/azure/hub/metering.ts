import type { LocalClock } from '#local/clock.ts';
import { HubError } from './hub-error.ts';
import type { Sku } from './throttle.ts';

export type Metered =
  | 'telemetry'
  | 'devicebound'
  | 'methodRequest'
  | 'methodResponse'
  | 'twinRead'
  | 'twinUpdate'
  | 'desiredNotification'
  | 'query';

/** Messages by what they were. */
export type Messages = Readonly<Partial<Record<Metered, number>>>;

const meterBytes = 4096;
const day = 86_400_000;

/** Messages that a unit may carry a day. Source: "IoT Hub pricing". */
const daily: Readonly<Record<Sku, number>> = { S1: 400_000, S2: 6_000_000, S3: 300_000_000 };

/** Counts messages of 4 KB as they are billed, a device and a UTC day of the cloud's clock. */
export class Metering {
  readonly #clock: LocalClock;
  readonly #quota: number;
  #today = -1;
  #used = 0;
  readonly #devices = new Map<string, Map<Metered, number>>();

  constructor(options: { readonly clock: LocalClock; readonly sku: Sku; readonly units: number }) {
    this.#clock = options.clock;
    this.#quota = daily[options.sku] * options.units;
  }

  /** @param deviceId empty for what concerns no single device @param bytes of the payload; an empty one is a message too */
  count(kind: Metered, deviceId: string, bytes: number): void {
    this.#turnPage();
    const messages = Math.max(1, Math.ceil(bytes / meterBytes));
    this.#used += messages;
    const device = this.#devices.get(deviceId) ?? new Map<Metered, number>();
    this.#devices.set(deviceId, device);
    device.set(kind, (device.get(kind) ?? 0) + messages);
  }

  /** @throws HubError IotHubQuotaExceeded until midnight, UTC */
  requireQuota(): void {
    this.#turnPage();
    if (this.#used < this.#quota) return;
    throw new HubError(
      'IotHubQuotaExceeded',
      `Total number of messages exceeded the allocated quota. Max allowed message count: ${this.#quota}`,
    );
  }

  /** Messages of today. */
  get used(): number {
    this.#turnPage();
    return this.#used;
  }

  get quota(): number {
    return this.#quota;
  }

  /** Today's messages of a device, or of all. */
  messages(deviceId?: string): Messages {
    this.#turnPage();
    const sum = new Map<Metered, number>();
    for (const [id, kinds] of this.#devices) {
      if (deviceId !== undefined && id !== deviceId) continue;
      for (const [kind, count] of kinds) sum.set(kind, (sum.get(kind) ?? 0) + count);
    }
    return Object.fromEntries(sum);
  }

  #turnPage(): void {
    const today = Math.floor(this.#clock.now() / day);
    if (today === this.#today) return;
    this.#today = today;
    this.#used = 0;
    this.#devices.clear();
  }
}
