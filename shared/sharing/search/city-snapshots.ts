import type { Clock, Instant } from '../../kernel/clock.ts';
import type { PartnerFeedRepository } from '../../partners/assets/feed-ports.ts';
import type { CityOffer } from '../../partners/assets/feed-state.ts';
import type { PricingPlan } from '../prices/plan.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SharingSystem } from '../setup/system.ts';
import type { SystemId } from '../sharing-id.ts';
import type { ZoneSet } from '../zones/zone.ts';
import { ByLatitude } from './by-latitude.ts';
import { type Listing, type ListingRepository, listingShards } from './listing.ts';
import type { City } from './near.ts';

export interface SnapshotPorts {
  readonly listings: Pick<ListingRepository, 'shard'>;
  readonly setup: Pick<SharingSetup, 'system' | 'plan' | 'zones'>;
  /** Absent where no partners are looked for. */
  readonly partners?: Pick<PartnerFeedRepository, 'offers'>;
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

/** All of a city in one list, made again only where a piece of it was read again. */
interface WholeCity {
  readonly pieces: readonly (readonly Listing[] | undefined)[];
  readonly listings: readonly Listing[];
  readonly byLatitude: ByLatitude;
  /** Of vehicles that have one of their own. */
  readonly planIds: ReadonlySet<string>;
}

interface CityReadings {
  whole?: WholeCity;
  readonly system: Reading<SharingSystem | undefined>;
  readonly zones: Reading<ZoneSet | undefined>;
  readonly shards: readonly Reading<readonly Listing[]>[];
  readonly plans: Map<string, Reading<PricingPlan | undefined>>;
  /** Absent where no partners are looked for. */
  readonly offers?: Reading<ReadonlyMap<string, CityOffer>>;
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
    const offered = readings.offers;
    await refreshed(
      [readings.system, readings.zones, ...(offered === undefined ? [] : [offered]), ...readings.shards],
      now,
    );
    const system = readings.system.value;
    if (system === undefined) {
      // Whoever asks for cities that there are not keeps no memory busy.
      this.#cities.delete(systemId);
      return undefined;
    }
    const { listings, byLatitude, planIds } = wholeOf(readings);
    const { between } = byLatitude;
    const plans = await this.#plans(system, planIds, readings.plans, now);
    const [zones, offers] = [readings.zones.value, offered?.value];
    return {
      system,
      listings,
      between,
      plans,
      ...(zones !== undefined && { zones }),
      ...(offers !== undefined && { offers }),
    };
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
    const { listings, setup, partners } = this.#ports;
    const offersOf = async (from: Pick<PartnerFeedRepository, 'offers'>) =>
      new Map((await from.offers(systemId)).map((offer) => [offer.feedId, offer]));
    return {
      ...(partners !== undefined && { offers: new Reading(() => offersOf(partners)) }),
      system: new Reading(() => setup.system(systemId)),
      zones: new Reading(() => setup.zones(systemId)),
      shards: Array.from({ length: listingShards }, (_, shard) => new Reading(() => listings.shard(systemId, shard))),
      plans: new Map(),
    };
  }

  async #plans(
    { systemId, vehicleTypes }: SharingSystem,
    ownPlanIds: ReadonlySet<string>,
    readings: CityReadings['plans'],
    now: Instant,
  ): Promise<City['plans']> {
    const wanted = new Set(vehicleTypes.map(({ planId }) => planId));
    for (const planId of ownPlanIds) wanted.add(planId);
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

function wholeOf(readings: CityReadings): WholeCity {
  const pieces = readings.shards.map(({ value }) => value);
  const { whole } = readings;
  if (whole !== undefined && pieces.every((piece, place) => piece === whole.pieces[place])) return whole;
  const listings = pieces.flatMap((piece = []) => piece);
  const planIds = new Set(listings.flatMap(({ booking: { planId } }) => (planId === undefined ? [] : [planId])));
  const made = { pieces, listings, planIds, byLatitude: new ByLatitude(listings) };
  readings.whole = made;
  return made;
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
