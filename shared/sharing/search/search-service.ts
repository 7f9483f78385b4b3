import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { type UnmetSearch, walkable } from '../field/demand.ts';
import { isOpen } from '../setup/opening-hours.ts';
import type { SharingSystem } from '../setup/system.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import type { CitySnapshots } from './city-snapshots.ts';
import type { City } from './near.ts';
import { type FoundAt, type FoundVehicle, type Only, type SearchQuery, vehiclesNear } from './near.ts';

export interface SearchPorts {
  readonly cities: Pick<CitySnapshots, 'city'>;
  readonly demand: { unmet(search: UnmetSearch): Promise<void> };
  readonly clock: Clock;
}

export interface SearchPage {
  readonly items: readonly FoundVehicle[];
  /** Where the next page begins. */
  readonly next?: FoundAt;
}

/** Finds what may be held now. A hint: the booking decides. */
export class SearchService {
  readonly #ports: SearchPorts;

  constructor(ports: SearchPorts) {
    this.#ports = ports;
  }

  /**
   * @param who looks, so that they count once where there is nothing; absent: nothing is counted
   * @throws Failure `system-not-found`; `invalid-parameter` for a place with its coordinates swapped
   */
  async search(
    systemId: SystemId,
    query: SearchQuery,
    { limit, after, only }: { readonly limit: number; readonly after?: FoundAt; readonly only?: Only },
    who?: string,
  ): Promise<SearchPage> {
    const city = await this.#ports.cities.city(systemId);
    if (city === undefined) throw systemUnknown(systemId);
    requireNotSwapped(city.system, query.near);
    const now = this.#ports.clock.now();
    const isOn = isOpen(city.system, now);
    const found = isOn
      ? vehiclesNear(city, query, now, { ...(after && { after }), ...(only && { only }), most: limit + 1 })
      : [];
    const isCounted = isOn && after === undefined && who !== undefined;
    if (isCounted && isUnmet(city, query, found, now)) await this.#note(city, query, who);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    if (last === undefined || found.length <= limit) return { items };
    return { items, next: { distance: last.distance, vehicleId: last.vehicleId } };
  }

  /** A hint for those who bring vehicles: no search fails for it. */
  async #note({ system }: City, query: SearchQuery, who: string): Promise<void> {
    const { systemId, vehicleTypes } = system;
    const types = vehicleTypes.filter(({ vehicleTypeId }) => query.vehicleTypeIds?.includes(vehicleTypeId));
    const [asked, ...others] = new Set(types.map(({ formFactor }) => formFactor));
    const wanted = query.formFactors?.[0] ?? (others.length === 0 ? asked : undefined) ?? 'any';
    await this.#ports.demand.unmet({ systemId, near: query.near, wanted, who }).catch(() => undefined);
  }
}

/** Within the city, and nothing near enough to walk to; whoever looks closer than that may find it a little farther. */
function isUnmet(city: City, query: SearchQuery, found: readonly FoundVehicle[], now: Instant): boolean {
  if (!contains(city.system.bounds, query.near.latitude, query.near.longitude)) return false;
  const [nearest] = found;
  if (nearest !== undefined) return nearest.distance > walkable;
  return query.radius >= walkable || vehiclesNear(city, { ...query, radius: walkable }, now).length === 0;
}

function systemUnknown(systemId: SystemId): Failure {
  return new Failure('not-found', 'system-not-found', `There is no system ${systemId}.`, {
    resolution: 'GET /v1/me/sharing/systems lists the cities.',
  });
}

/** Elsewhere there is nothing to be found; but whoever means Berlin and says Yemen wants to know. */
function requireNotSwapped({ bounds }: SharingSystem, { latitude, longitude }: Place): void {
  if (contains(bounds, latitude, longitude) || !contains(bounds, longitude, latitude)) return;
  const detail = 'latitude and longitude are swapped: the other way round the place is in the city';
  throw new Failure('invalid', 'invalid-parameter', 'A parameter is not valid.', {
    errors: ['latitude', 'longitude'].map((pointer) => ({ pointer, detail })),
  });
}

function contains([west, south, east, north]: SharingSystem['bounds'], latitude: number, longitude: number): boolean {
  return longitude >= west && longitude <= east && latitude >= south && latitude <= north;
}
