import type { Clock, Instant } from '../../kernel/clock.ts';
import type { PricingPlan } from '../prices/plan.ts';
import type { SystemId } from '../sharing-id.ts';
import type { SharingSetup } from './setup-repository.ts';
import type { FleetVehicle, SharingSystem } from './system.ts';

/** ms for which what was set up is taken to be so. What follows from a vehicle's system and type, the hold checks. */
const kept = 30_000;
/** Entries of each kind: more vehicles than an instance sees in half a minute. */
const most = 4_000;

/** What a hold has to know of a city, read once in half a minute by each instance: a hold itself reads nothing. */
export class KeptSetup implements Pick<SharingSetup, 'system' | 'plan' | 'fleetVehicle'> {
  readonly #systems: Kept<SharingSystem>;
  readonly #plans: Kept<PricingPlan>;
  readonly #vehicles: Kept<FleetVehicle>;
  readonly #setup: Pick<SharingSetup, 'system' | 'plan' | 'fleetVehicle'>;

  constructor(setup: Pick<SharingSetup, 'system' | 'plan' | 'fleetVehicle'>, clock: Clock) {
    this.#setup = setup;
    this.#systems = new Kept(clock);
    this.#plans = new Kept(clock);
    this.#vehicles = new Kept(clock);
  }

  system(id: SystemId): Promise<SharingSystem | undefined> {
    return this.#systems.get(id, () => this.#setup.system(id));
  }

  plan(systemId: SystemId, planId: string, version?: number): Promise<PricingPlan | undefined> {
    const read = () =>
      version === undefined ? this.#setup.plan(systemId, planId) : this.#setup.plan(systemId, planId, version);
    return this.#plans.get(`${systemId} ${planId} ${version ?? 'newest'}`, read);
  }

  fleetVehicle(vehicleId: string): Promise<FleetVehicle | undefined> {
    return this.#vehicles.get(vehicleId, () => this.#setup.fleetVehicle(vehicleId));
  }

  /** It was taken elsewhere, or became another type. */
  forgetVehicle(vehicleId: string): void {
    this.#vehicles.forget(vehicleId);
  }
}

class Kept<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly until: Instant }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is not there is asked for each time: it may come to be at any moment. */
  async get(key: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const now = this.#clock.now();
    const known = this.#entries.get(key);
    // Not from a future that the clock was set back from.
    if (known !== undefined && known.until > now && known.until <= now + kept) return known.value;
    const value = await read();
    this.#entries.delete(key);
    if (value === undefined) return undefined;
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= most && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { value, until: now + kept });
    return value;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
