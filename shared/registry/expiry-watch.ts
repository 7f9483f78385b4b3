import type { Clock, Instant } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { isLapsed, lapsed } from './rotation.ts';
import type { LifeCycle } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { VehicleRepository } from './vehicle-repository.ts';

/** A vehicle changes its certificate long before: what has so little time left (ms) has failed to. */
export const lastDays = 30 * 24 * 3_600_000;

/** What is known so far of the certificates of active vehicles. */
export interface ExpiryCount {
  readonly vehicles: number;
  /** Within `lastDays`. */
  readonly expiring: number;
  readonly expired: number;
}

export const nothingCounted: ExpiryCount = { vehicles: 0, expiring: 0, expired: 0 };

export interface WatchedVehicle {
  readonly vehicleId: VehicleId;
  readonly lifeCycle: LifeCycle;
}

/** Every vehicle once, page by page. */
export interface VehicleScan {
  /** @param from `next` of the page before */
  page(from?: string): Promise<{ readonly items: readonly WatchedVehicle[]; readonly next?: string }>;
}

/** Where a count stands; what was counted and where to go on. */
export interface WatchProgress {
  readonly count: ExpiryCount;
  readonly from?: string;
}

/** The next certificate of a vehicle that changes does not count: until it has connected, the present one matters. */
function counted(count: ExpiryCount, { lifeCycle }: WatchedVehicle, now: Instant): ExpiryCount {
  if (lifeCycle.status !== 'active') return count;
  const left = lifeCycle.certificate.expiresAt - now;
  return {
    vehicles: count.vehicles + 1,
    expiring: count.expiring + (left > 0 && left <= lastDays ? 1 : 0),
    expired: count.expired + (left <= 0 ? 1 : 0),
  };
}

/** Looks at every vehicle of the registry: which certificates expire, and which rotations were never confirmed. */
export class ExpiryWatch {
  readonly #scan: VehicleScan;
  readonly #vehicles: Pick<VehicleRepository, 'load' | 'save'>;
  readonly #clock: Clock;

  constructor(scan: VehicleScan, vehicles: Pick<VehicleRepository, 'load' | 'save'>, clock: Clock) {
    this.#scan = scan;
    this.#vehicles = vehicles;
    this.#clock = clock;
  }

  /**
   * Goes on from `progress` for as long as there is time. Without `from` in what it returns, the count is whole.
   *
   * @param isTimeLeft asked between pages
   */
  async watch(progress: WatchProgress, isTimeLeft: () => boolean): Promise<WatchProgress> {
    let { count, from } = progress;
    do {
      const { items, next } = await this.#scan.page(from);
      const now = this.#clock.now();
      for (const vehicle of items) {
        count = counted(count, vehicle, now);
        if ('next' in vehicle.lifeCycle && isLapsed(vehicle.lifeCycle, now)) await this.#endRotation(vehicle.vehicleId);
      }
      from = next;
    } while (from !== undefined && isTimeLeft());
    return { count, ...(from !== undefined && { from }) };
  }

  async #endRotation(vehicleId: VehicleId): Promise<void> {
    await untilSaved(async () => {
      const seen = await this.#vehicles.load(vehicleId);
      if (seen === undefined) return true;
      const next = lapsed(seen, this.#clock.now());
      return next === seen || (await this.#vehicles.save(next, seen.version)) ? true : undefined;
    });
  }
}
