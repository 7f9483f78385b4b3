import type { Instant } from '../../../kernel/clock.ts';
import { type KeyedDigest, publicVehicleId } from '../public-id.ts';
import type { PublishedCity, PublishedVehicle } from '../published-city.ts';
import { shownOf } from '../shown-vehicle.ts';
import { rangeOf, typeIn } from './price-files.ts';
import { type Station, stationAt } from './stations.ts';
import { timeOf } from './texts.ts';

/** GBFS 3.0, `vehicle_status.json`. No plate, no id that lasts, nobody's way. */
export interface FeedVehicle {
  readonly vehicle_id: string;
  readonly lat: number;
  readonly lon: number;
  readonly is_reserved: boolean;
  readonly is_disabled: boolean;
  readonly vehicle_type_id: string;
  readonly last_reported: string;
  /** Metres. */
  readonly current_range_meters?: number;
  /** 0 to 1. */
  readonly current_fuel_percent?: number;
  readonly station_id?: string;
  readonly pricing_plan_id?: string;
}

/** In the order of their public ids: no vehicle keeps its place in the list when its id changes. */
export function feedVehicles(
  city: PublishedCity,
  stations: readonly Station[],
  digest: KeyedDigest,
  now: Instant,
): readonly FeedVehicle[] {
  const shown: FeedVehicle[] = [];
  for (const [vehicleId, vehicle] of city.vehicles) {
    const one = feedVehicle(city, vehicle, stations, now);
    if (one === undefined) continue;
    shown.push({ vehicle_id: publicVehicleId(digest, vehicleId, vehicle.booking.uses ?? 0), ...one });
  }
  return shown.sort((one, other) => (one.vehicle_id < other.vehicle_id ? -1 : 1));
}

function feedVehicle(
  { setup }: PublishedCity,
  vehicle: PublishedVehicle,
  stations: readonly Station[],
  now: Instant,
): Omit<FeedVehicle, 'vehicle_id'> | undefined {
  const shown = shownOf(vehicle, now);
  const type = typeIn(setup.system, vehicle.booking.vehicleTypeId);
  if (shown === undefined || type === undefined) return undefined;
  const { kind, place, status } = shown;
  const planId = vehicle.booking.planId ?? type.planId;
  const range = rangeOf(type, status);
  const stationId = stationAt(stations, place);
  return {
    ...{ lat: place.latitude, lon: place.longitude },
    ...{ is_reserved: kind === 'reserved', is_disabled: kind === 'out-of-service' },
    vehicle_type_id: type.vehicleTypeId,
    // A vehicle's clock may be ahead.
    last_reported: timeOf(Math.min(status.at, now)),
    ...(range !== undefined && { current_range_meters: range }),
    ...(status.charge !== undefined && { current_fuel_percent: status.charge / 100 }),
    ...(stationId !== undefined && { station_id: stationId }),
    ...(setup.plans.some((plan) => plan.planId === planId) && { pricing_plan_id: planId }),
  };
}
