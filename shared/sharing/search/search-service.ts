import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { isOpen } from '../setup/opening-hours.ts';
import type { SharingSystem } from '../setup/system.ts';
import type { SystemId } from '../sharing-id.ts';
import type { Place } from '../zones/zone.ts';
import type { CitySnapshots } from './city-snapshots.ts';
import { byDistance, type FoundAt, type FoundVehicle, type SearchQuery, vehiclesNear } from './near.ts';

export interface SearchPorts {
  readonly cities: Pick<CitySnapshots, 'city'>;
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

  /** @throws Failure `system-not-found`; `invalid-parameter` for a place with its coordinates swapped */
  async search(
    systemId: SystemId,
    query: SearchQuery,
    { limit, after }: { readonly limit: number; readonly after?: FoundAt },
  ): Promise<SearchPage> {
    const city = await this.#ports.cities.city(systemId);
    if (city === undefined) throw systemUnknown(systemId);
    requireNotSwapped(city.system, query.near);
    const now = this.#ports.clock.now();
    const found = isOpen(city.system, now) ? vehiclesNear(city, query, now) : [];
    const rest = after === undefined ? found : found.filter((vehicle) => byDistance(vehicle, after) > 0);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    if (last === undefined || rest.length <= limit) return { items };
    return { items, next: { distance: last.distance, vehicleId: last.vehicleId } };
  }
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
