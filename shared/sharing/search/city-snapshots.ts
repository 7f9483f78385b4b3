import type { Clock, Instant } from '../../kernel/clock.ts';
import type { PricingPlan } from '../prices/plan.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SharingSystem } from '../setup/system.ts';
import type { SystemId } from '../sharing-id.ts';
import type { ZoneSet } from '../zones/zone.ts';
import { type Listing, type ListingRepository, listingShards } from './listing.ts';
import type { City } from './near.ts';

export interface SnapshotPorts {
  readonly listings: Pick<ListingRepository, 'shard'>;
  readonly setup: Pick<SharingSetup, 'system' | 'plan' | 'zones'>;
  readonly clock: Clock;
}

/** ms: what is older is read anew by the next request, one piece by each. */
export const stale = 5_000;
/** ms: nobody is answered with anything older. */
export const oldest = 30_000;
/** A city of 2,000 vehicles is about a megabyte. */
const citiesKept = 24;

interface Piece<T> {
  readonly value: T;
  /** When its reading began. */
  readonly at: Instant;
}

/** What was read last, and the reading that is under way. */
class Reading<T> {
  #piece: Piece<T> | undefined;
  #underWay: Promise<T> | undefined;
  readonly #read: () => Promise<T>;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** A clock that was set back makes everything old. */
  age(now: Instant): number {
    return this.#piece === undefined || this.#piece.at > now ? Infinity : now - this.#piece.at;
  }

  get value(): T | undefined {
    return this.#piece?.value;
  }

  /** Whoever asks while it is being read waits for that reading. */
  refresh(now: Instant): Promise<T> {
    this.#underWay ??= this.#read()
      .then((value) => {
        this.#piece = { value, at: now };
        return value;
      })
      .finally(() => {
        this.#underWay = undefined;
      });
    return this.#underWay;
  }
}

interface CityReadings {
  readonly system: Reading<SharingSystem | undefined>;
  readonly zones: Reading<ZoneSet | undefined>;
  readonly shards: readonly Reading<readonly Listing[]>[];
  readonly plans: Map<string, Reading<PricingPlan | undefined>>;
}

/**
 * Cities in the memory of one instance. A search reads nothing that is younger than `stale`, at most one piece that is
 * older, and everything that is older than `oldest`: so what it costs depends neither on the number of cities nor, where
 * many search, on the number of vehicles.
 */
export class CitySnapshots {
  readonly #ports: SnapshotPorts;
  /** The one asked for last comes last. */
  readonly #cities = new Map<SystemId, CityReadings>();

  constructor(ports: SnapshotPorts) {
    this.#ports = ports;
  }

  async city(systemId: SystemId): Promise<City | undefined> {
    const readings = this.#readingsOf(systemId);
    const now = this.#ports.clock.now();
    await refreshed([readings.system, readings.zones, ...readings.shards], now);
    const system = readings.system.value;
    if (system === undefined) {
      // Whoever asks for cities that there are not keeps no memory busy.
      this.#cities.delete(systemId);
      return undefined;
    }
    const listings = readings.shards.flatMap(({ value = [] }) => value);
    const plans = await this.#plans(system, listings, readings.plans, now);
    const zones = readings.zones.value;
    return { system, listings, plans, ...(zones !== undefined && { zones }) };
  }

  #readingsOf(systemId: SystemId): CityReadings {
    const known = this.#cities.get(systemId) ?? this.#newReadings(systemId);
    this.#cities.delete(systemId);
    this.#cities.set(systemId, known);
    const [leastAsked] = this.#cities.keys();
    if (this.#cities.size > citiesKept && leastAsked !== undefined) this.#cities.delete(leastAsked);
    return known;
  }

  #newReadings(systemId: SystemId): CityReadings {
    const { listings, setup } = this.#ports;
    return {
      system: new Reading(() => setup.system(systemId)),
      zones: new Reading(() => setup.zones(systemId)),
      shards: Array.from({ length: listingShards }, (_, shard) => new Reading(() => listings.shard(systemId, shard))),
      plans: new Map(),
    };
  }

  async #plans(
    { systemId, vehicleTypes }: SharingSystem,
    listings: readonly Listing[],
    readings: CityReadings['plans'],
    now: Instant,
  ): Promise<City['plans']> {
    const wanted = new Set(vehicleTypes.map(({ planId }) => planId));
    for (const { booking } of listings) if (booking.planId !== undefined) wanted.add(booking.planId);
    for (const planId of wanted) {
      if (!readings.has(planId)) readings.set(planId, new Reading(() => this.#ports.setup.plan(systemId, planId)));
    }
    for (const planId of readings.keys()) if (!wanted.has(planId)) readings.delete(planId);
    await refreshed([...readings.values()], now);
    const plans = [...readings].flatMap(([planId, { value }]) =>
      value === undefined ? [] : [[planId, value] as const],
    );
    return new Map(plans);
  }
}

/** Everything that nobody may be answered with, and of the rest what is oldest, if it is stale. */
async function refreshed(readings: readonly Reading<unknown>[], now: Instant): Promise<void> {
  const tooOld = readings.filter((reading) => reading.age(now) > oldest);
  const [next] = readings
    .filter((reading) => reading.age(now) > stale && !tooOld.includes(reading))
    .sort((one, other) => other.age(now) - one.age(now));
  // A table that does not answer makes an answer older, and none impossible while it is young enough.
  const optional = tooOld.length === 0 ? next?.refresh(now).catch(() => undefined) : undefined;
  await Promise.all([optional, ...tooOld.map((reading) => reading.refresh(now))]);
}
