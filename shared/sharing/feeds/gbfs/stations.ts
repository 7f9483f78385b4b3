import type { Instant } from '../../../kernel/clock.ts';
import type { SharingSystem } from '../../setup/system.ts';
import { covers } from '../../zones/geometry.ts';
import type { MultiPolygon, Place, Position, ZoneSet } from '../../zones/zone.ts';
import type { FeedFile } from './feed-file.ts';
import { localized, timeOf } from './texts.ts';
import type { FeedVehicle } from './vehicle-file.ts';
import { rightHanded } from './zone-files.ts';

/** Marked on the ground, or on the map alone. */
export interface Station {
  readonly stationId: string;
  readonly name: string;
  readonly area: MultiPolygon;
  /** A zone that is one is in force. */
  readonly isInstalled: boolean;
}

/** Zones of one id are one station; those that are over are none. */
export function stationsOf(set: ZoneSet | undefined, now: Instant): readonly Station[] {
  const stations = new Map<string, Station>();
  for (const { stationId, name, geometry, start = -Infinity, end = Infinity } of set?.zones ?? []) {
    if (stationId === undefined || end <= now) continue;
    const known = stations.get(stationId);
    const coordinates = [...(known?.area.coordinates ?? []), ...geometry.coordinates];
    const isInstalled = known?.isInstalled === true || start <= now;
    stations.set(stationId, {
      ...{ stationId, name: known?.name ?? name, area: { type: 'MultiPolygon', coordinates }, isInstalled },
    });
  }
  return [...stations.values()];
}

export function stationAt(stations: readonly Station[], place: Place): string | undefined {
  return stations.find(({ area, isInstalled }) => isInstalled && covers(area, place))?.stationId;
}

/** GBFS 3.0, `station_information.json`. */
export function stationInformation(stations: readonly Station[], system: SharingSystem): FeedFile {
  const data = stations.map(({ stationId, name, area }) => {
    const { latitude, longitude } = middleOf(area);
    return {
      station_id: stationId,
      name: localized(name, system),
      ...{ lat: latitude, lon: longitude, is_virtual_station: true },
      station_area: rightHanded(area),
    };
  });
  return { name: 'station_information', data: { stations: data } };
}

/** GBFS 3.0, `station_status.json`. */
export function stationStatus(
  stations: readonly Station[],
  vehicles: readonly FeedVehicle[],
  { vehicleTypes }: SharingSystem,
  now: Instant,
): FeedFile {
  const said = stations.map(({ stationId, isInstalled }) => {
    const here = vehicles.filter(({ station_id }) => station_id === stationId);
    const available = here.filter(({ is_reserved, is_disabled }) => !is_reserved && !is_disabled);
    const types = vehicleTypes.map(({ vehicleTypeId }) => ({
      vehicle_type_id: vehicleTypeId,
      count: available.filter(({ vehicle_type_id }) => vehicle_type_id === vehicleTypeId).length,
    }));
    return {
      station_id: stationId,
      num_vehicles_available: available.length,
      vehicle_types_available: types,
      num_vehicles_disabled: here.filter(({ is_disabled }) => is_disabled).length,
      ...{ is_installed: isInstalled, is_renting: isInstalled, is_returning: isInstalled },
    };
  });
  const data = said.map((station) => ({ ...station, last_reported: timeOf(now) }));
  return { name: 'station_status', data: { stations: data }, compared: said };
}

/** The middle of its first corners where that lies within, else a corner: who is led there finds it. */
function middleOf(area: MultiPolygon): Place {
  const corners = area.coordinates[0]?.[0]?.slice(1) ?? [];
  const mean = (pick: (position: Position) => number) =>
    corners.reduce((sum, position) => sum + pick(position), 0) / Math.max(1, corners.length);
  const middle = { latitude: mean(([, latitude]) => latitude), longitude: mean(([longitude]) => longitude) };
  const [longitude, latitude] = corners[0] ?? [0, 0];
  return covers(area, middle) ? middle : { latitude, longitude };
}
