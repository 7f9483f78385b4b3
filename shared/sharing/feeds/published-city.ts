import type { Instant } from '../../kernel/clock.ts';
import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { PricingPlan } from '../prices/plan.ts';
import type { ListedBooking, Listing } from '../search/listing.ts';
import type { Operator, SharingSystem } from '../setup/system.ts';
import type { ZoneSet } from '../zones/zone.ts';

/** What the public feeds of a city are made of, kept from one change to the next. */
export interface PublishedCity {
  readonly setup: CitySetup;
  readonly vehicles: ReadonlyMap<string, PublishedVehicle>;
  /** Public ids are made with it. It is the city's own, and stands nowhere else. */
  readonly idKey: string;
  /** By the file's name: what it said, as a digest, and since when. */
  readonly files: Readonly<Record<string, PublishedFile>>;
}

export interface CitySetup {
  readonly operator: Operator;
  readonly system: SharingSystem;
  /** Absent: not drawn yet. */
  readonly zones?: ZoneSet;
  /** The newest version of each. */
  readonly plans: readonly PricingPlan[];
}

export interface PublishedVehicle {
  readonly booking: Omit<ListedBooking, 'label'>;
  /** The newest. */
  readonly status?: VehicleStatus;
  /** The newest of while nobody had it: what is shown while somebody has. */
  readonly parked?: VehicleStatus;
}

export interface PublishedFile {
  readonly digest: string;
  readonly since: Instant;
}

export type CityChange =
  | { readonly kind: 'listed'; readonly listing: Listing }
  /** It has left the city. */
  | { readonly kind: 'left'; readonly vehicleId: string }
  | { readonly kind: 'set-up'; readonly setup: CitySetup };

/** The very same where nothing of it is new: each change may come twice, and late. @param now when it is applied */
export function applied(city: PublishedCity, changes: readonly CityChange[], now: Instant): PublishedCity {
  const vehicles = new Map(city.vehicles);
  let { setup } = city;
  let isNews = false;
  for (const change of changes) {
    switch (change.kind) {
      case 'listed': {
        const { vehicleId } = change.listing;
        const before = vehicles.get(vehicleId);
        const vehicle = followed(before, change.listing, now);
        if (vehicle === before) break;
        vehicles.set(vehicleId, vehicle);
        isNews = true;
        break;
      }
      case 'left':
        isNews = vehicles.delete(change.vehicleId) || isNews;
        break;
      case 'set-up':
        setup = newest(setup, change.setup);
        break;
    }
  }
  return isNews || setup !== city.setup ? { ...city, setup, vehicles } : city;
}

/** Nobody has it, and no former key opens it. */
export function isFree({ freeFrom }: Pick<ListedBooking, 'freeFrom'>, now: Instant): boolean {
  return freeFrom !== undefined && freeFrom < now;
}

/** Each half by its own order. */
function followed(
  before: PublishedVehicle | undefined,
  { booking: { label: _, ...said }, status }: Listing,
  now: Instant,
): PublishedVehicle {
  if (before === undefined) return { booking: said, ...(status !== undefined && { status }) };
  const booking = isLater(said, before.booking) ? said : before.booking;
  const isNews = status !== undefined && (before.status === undefined || isAfter(status, before.status));
  if (booking === before.booking && !isNews) return before;
  const parked = isFree(before.booking, now) ? before.status : before.parked;
  const newestStatus = isNews ? status : before.status;
  return {
    booking,
    ...(newestStatus !== undefined && { status: newestStatus }),
    ...(parked !== undefined && { parked }),
  };
}

/** Its own plan may change, and its booking not. */
function isLater(said: PublishedVehicle['booking'], known: PublishedVehicle['booking']): boolean {
  return said.version > known.version || (said.version === known.version && said.planId !== known.planId);
}

function isAfter(one: VehicleStatus, other: VehicleStatus): boolean {
  return one.boot > other.boot || (one.boot === other.boot && one.sequence > other.sequence);
}

/** Of each part the later version. */
function newest(known: CitySetup, read: CitySetup): CitySetup {
  const operator = later(known.operator, read.operator);
  const system = later(known.system, read.system);
  const zones = later(known.zones, read.zones);
  const ids = [...new Set([...known.plans, ...read.plans].map(({ planId }) => planId))].sort();
  const planOf = (plans: readonly PricingPlan[], id: string) => plans.find(({ planId }) => planId === id);
  const plans = ids.flatMap((id) => later(planOf(known.plans, id), planOf(read.plans, id)) ?? []);
  const isKnown =
    operator === known.operator &&
    system === known.system &&
    zones === known.zones &&
    plans.every((plan) => known.plans.includes(plan));
  return isKnown ? known : { operator, system, ...(zones !== undefined && { zones }), plans };
}

function later<T extends { readonly version: number } | undefined>(known: T, read: T): T {
  if (known === undefined || read === undefined) return known ?? read;
  return read.version > known.version ? read : known;
}
