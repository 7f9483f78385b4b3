import type { Clock, Instant } from '#shared/kernel/clock.ts';
import { firstHome, type Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';

/** ms: one piece of work asks several times for the same vehicle. A move waits longer than this. */
const lifetime = 1_000;
const most = 1_000;

/** Where vehicles are at home. */
export class HomeDirectory {
  readonly #load: (vehicleId: VehicleId) => Promise<Home | undefined>;
  readonly #clock: Clock;
  readonly #known = new Map<VehicleId, { readonly home: Promise<Home | undefined>; readonly until: Instant }>();

  constructor(load: (vehicleId: VehicleId) => Promise<Home | undefined>, clock: Clock) {
    this.#load = load;
    this.#clock = clock;
  }

  /** Undefined: the first home, also of a vehicle that nobody has registered. */
  async homeOf(vehicleId: VehicleId): Promise<Home | undefined> {
    const home = await this.#asked(vehicleId);
    return home?.name === firstHome ? undefined : home;
  }

  #asked(vehicleId: VehicleId): Promise<Home | undefined> {
    const now = this.#clock.now();
    const known = this.#known.get(vehicleId);
    if (known !== undefined && known.until > now && known.until <= now + lifetime) return known.home;
    const home = this.#load(vehicleId);
    // What failed is asked anew.
    home.catch(() => this.#known.delete(vehicleId));
    if (this.#known.size >= most) this.#known.clear();
    this.#known.set(vehicleId, { home, until: now + lifetime });
    return home;
  }
}
