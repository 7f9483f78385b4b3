import type { Instant } from '../../kernel/clock.ts';
import type { CityOffer } from '../../partners/assets/feed-state.ts';
import type { PricingPlan } from '../prices/plan.ts';
import type { SharingSystem, VehicleType } from '../setup/system.ts';
import type { OperatorId } from '../sharing-id.ts';
import { ruleAt } from '../zones/rule-at.ts';
import type { Place, ZoneSet } from '../zones/zone.ts';
import { boxAround, distanceBetween } from './distance.ts';
import type { Listing } from './listing.ts';

export interface SearchQuery {
  readonly near: Place;
  /** Metres as the crow flies. */
  readonly radius: number;
  /** Absent: any. */
  readonly vehicleTypeIds?: readonly string[];
  readonly formFactors?: readonly VehicleType['formFactor'][];
  /** Metres. What goes by muscle power goes as far as its rider. */
  readonly minimumRange?: number;
  /** Minor units of the city's currency for a minute of driving, at most. */
  readonly maximumPerMinute?: number;
}

/** A city as one instance knows it for the moment. */
export interface City {
  readonly system: SharingSystem;
  readonly listings: Iterable<Listing>;
  /** Those of them that stand between two latitudes, where that is known without looking at all. */
  readonly between?: (south: number, north: number) => Iterable<Listing>;
  /** The newest of each plan that any vehicle of the city goes by. */
  readonly plans: ReadonlyMap<string, PricingPlan>;
  /** Absent: nothing is restricted anywhere. */
  readonly zones?: ZoneSet;
  /** Partners whose assets stand among the listings, by their feeds. */
  readonly offers?: ReadonlyMap<string, CityOffer>;
}

export interface FoundVehicle {
  readonly vehicleId: string;
  /** With whom it is held. */
  readonly operatorId: OperatorId;
  readonly label: string;
  readonly type: VehicleType;
  readonly plan: PricingPlan;
  readonly place: Place;
  /** Metres as the crow flies. */
  readonly distance: number;
  readonly charge?: number;
  readonly rangeMeters?: number;
  readonly charging?: boolean;
  /** When the vehicle said so. */
  readonly seenAt: Instant;
  /** Whose it is, where it is not the operator's own: the price is an estimate then, and the bill the partner's. */
  readonly provider?: string;
  /** How many uses of it are over. */
  readonly uses: number;
}

/** Which of them are wanted: those beyond a place in the order, and no more than so many. */
export interface Wanted {
  readonly after?: FoundAt;
  readonly most?: number;
  /** Absent: any. */
  readonly only?: Only;
}

/** @param uses how many uses of it are over */
export type Only = (vehicleId: string, uses: number) => boolean;

interface Candidate extends FoundAt {
  readonly listing: Listing;
  readonly place: Place;
}

/** What may be held now and fits, the nearest first; vehicles equally near in the order of their ids. */
export function vehiclesNear(
  city: City,
  query: SearchQuery,
  now: Instant,
  { after, most = Infinity, only = () => true }: Wanted = {},
): readonly FoundVehicle[] {
  const types = new Map(city.system.vehicleTypes.filter(fits(query)).map((type) => [type.vehicleTypeId, type]));
  const found: FoundVehicle[] = [];
  // Near ones are put in order first: of a page's vehicles alone everything else is looked at.
  for (const { listing, place, distance, vehicleId } of candidates(city, query, now).sort(byDistance)) {
    if (after !== undefined && byDistance({ distance, vehicleId }, after) <= 0) continue;
    if (!only(vehicleId, listing.booking.uses ?? 0)) continue;
    if (listing.offering !== undefined && !isOffered(listing.offering, city, now)) continue;
    if (!mayStart(listing, place, city.zones, now)) continue;
    const vehicle = foundOf(listing, place, distance, types.get(listing.booking.vehicleTypeId), city);
    if (vehicle !== undefined && isAffordable(vehicle, query) && goesFarEnough(vehicle, query)) found.push(vehicle);
    if (found.length >= most) break;
  }
  return found;
}

function candidates(city: City, { near, radius }: SearchQuery, now: Instant): Candidate[] {
  const { height, width } = boxAround(near, radius);
  const { latitude, longitude } = near;
  const listings = city.between?.(latitude - height, latitude + height) ?? city.listings;
  const found: Candidate[] = [];
  for (const listing of listings) {
    const { freeFrom } = listing.booking;
    const place = listing.status?.place;
    if (freeFrom === undefined || freeFrom >= now || place === undefined) continue;
    if (Math.abs(place.latitude - latitude) > height || Math.abs(place.longitude - longitude) > width) continue;
    const distance = distanceBetween(near, place);
    if (distance <= radius) found.push({ listing, place, distance, vehicleId: listing.vehicleId });
  }
  return found;
}

/** The partner would rent it out, and has said so lately. */
function isOffered({ feedId, isFree }: NonNullable<Listing['offering']>, { offers }: City, now: Instant): boolean {
  const offer = isFree ? offers?.get(feedId) : undefined;
  return offer !== undefined && offer.freshUntil >= now;
}

/** Of a listing as it was read, for the zones as they were read: both are some seconds old at the most. */
const judged = new WeakMap<Listing, { readonly zones: ZoneSet; readonly allowed: boolean }>();

/** Nobody is sent to a vehicle that would not start where it stands. */
function mayStart(listing: Listing, place: Place, zones: ZoneSet | undefined, now: Instant): boolean {
  if (zones === undefined) return true;
  const known = judged.get(listing);
  if (known?.zones === zones) return known.allowed;
  const allowed = ruleAt(zones, place, listing.booking.vehicleTypeId, now).rule.rideStartAllowed;
  judged.set(listing, { zones, allowed });
  return allowed;
}

export function byDistance(one: FoundAt, other: FoundAt): number {
  if (one.distance !== other.distance) return one.distance - other.distance;
  return one.vehicleId < other.vehicleId ? -1 : Number(one.vehicleId > other.vehicleId);
}

/** Where a page ends. */
export type FoundAt = Pick<FoundVehicle, 'distance' | 'vehicleId'>;

function fits({ vehicleTypeIds, formFactors }: SearchQuery) {
  return ({ vehicleTypeId, formFactor }: VehicleType) =>
    (vehicleTypeIds?.includes(vehicleTypeId) ?? true) && (formFactors?.includes(formFactor) ?? true);
}

function foundOf(
  { vehicleId, booking, status, offering }: Listing,
  place: Place,
  distance: number,
  type: VehicleType | undefined,
  { system: { operatorId }, plans, offers }: City,
): FoundVehicle | undefined {
  const plan = type && plans.get(booking.planId ?? type.planId);
  if (type === undefined || plan === undefined || status === undefined) return undefined;
  const { charge, charging } = status;
  const rangeMeters = rangeOf(type, status.rangeMeters, charge);
  const provider = offering === undefined ? undefined : offers?.get(offering.feedId)?.issuer;
  return {
    ...{ vehicleId, operatorId, label: booking.label, type, plan, place, distance, seenAt: status.at },
    uses: booking.uses ?? 0,
    ...(charge !== undefined && { charge }),
    ...(rangeMeters !== undefined && { rangeMeters }),
    ...(charging !== undefined && { charging }),
    ...(provider !== undefined && { provider }),
  };
}

/** What it says itself; else by its charge, as far as its kind goes with a full one. */
function rangeOf({ maxRangeMeters }: VehicleType, said: number | undefined, charge: number | undefined) {
  if (said !== undefined || maxRangeMeters === undefined || charge === undefined) return said;
  return Math.floor((maxRangeMeters * charge) / 100);
}

function isAffordable({ plan }: FoundVehicle, { maximumPerMinute = Infinity }: SearchQuery): boolean {
  return plan.perMinute <= maximumPerMinute;
}

function goesFarEnough({ type, rangeMeters }: FoundVehicle, { minimumRange = 0 }: SearchQuery): boolean {
  if (type.propulsion === 'human') return true;
  return minimumRange === 0 || (rangeMeters !== undefined && rangeMeters >= minimumRange);
}
