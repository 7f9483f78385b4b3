import type { Instant } from '../../../kernel/clock.ts';
import type { KeyedDigest } from '../public-id.ts';
import type { PublishedCity } from '../published-city.ts';
import type { FeedFile } from './feed-file.ts';
import { pricingPlans, vehicleTypes } from './price-files.ts';
import { stationInformation, stationStatus, stationsOf } from './stations.ts';
import { discovery, systemInformation, versions } from './system-files.ts';
import { feedVehicles } from './vehicle-file.ts';
import { alerts, geofencingZones } from './zone-files.ts';

/**
 * Every file of a system as GBFS 3.0 has it, so that whatever one refers to stands in another. What is referred to comes
 * before: who writes them in this order never shows a reference to nothing.
 *
 * @param baseUrl where the files are read, without a trailing slash
 */
export function gbfsFiles(
  city: PublishedCity,
  digest: KeyedDigest,
  baseUrl: string,
  now: Instant,
): readonly FeedFile[] {
  const { system, zones } = city.setup;
  const stations = stationsOf(zones, now);
  const vehicles = feedVehicles(city, stations, digest, now);
  const files: readonly FeedFile[] = [
    systemInformation(city.setup, baseUrl),
    pricingPlans(city.setup),
    vehicleTypes(city.setup),
    ...(zones === undefined ? [] : [geofencingZones(zones, system, now)]),
    alerts(zones?.zones ?? [], system, now),
    ...(stations.length === 0 ? [] : [stationInformation(stations, system)]),
    ...(stations.length === 0 ? [] : [stationStatus(stations, vehicles, system, now)]),
    { name: 'vehicle_status', data: { vehicles } },
    versions(system.systemId, baseUrl),
  ];
  const names = files.map(({ name }) => name);
  return [...files, discovery(system.systemId, ['gbfs', ...names], baseUrl)];
}
