import type { Instant } from '../../../kernel/clock.ts';
import type { SharingSystem } from '../../setup/system.ts';
import type { MultiPolygon, Position, Zone, ZoneRule, ZoneSet } from '../../zones/zone.ts';
import type { FeedFile } from './feed-file.ts';
import { localized, timeOf } from './texts.ts';

/**
 * GBFS 3.0, `geofencing_zones.json`: the earlier of two that overlap counts, as here. A zone without rules (a garage, a
 * station) says nothing of where one may go, and one that is over says nothing any more.
 */
export function geofencingZones({ zones, globalRules }: ZoneSet, system: SharingSystem, now: Instant): FeedFile {
  const features = zones
    .filter(({ rules, end = Infinity }) => rules.length > 0 && end > now)
    .map(({ name, start, end, rules, geometry }) => ({
      type: 'Feature',
      properties: {
        name: localized(name, system),
        ...(start !== undefined && { start: timeOf(start) }),
        ...(end !== undefined && { end: timeOf(end) }),
        rules: rulesOf(rules, system),
      },
      geometry: rightHanded(geometry),
    }));
  const data = {
    geofencing_zones: { type: 'FeatureCollection', features },
    global_rules: rulesOf(globalRules, system),
  };
  return { name: 'geofencing_zones', data };
}

/** Here the first rule that names a type, or none, counts; there no two may speak of the same type. */
function rulesOf(rules: readonly ZoneRule[], { vehicleTypes }: SharingSystem): object[] {
  const open = new Set(vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId));
  return rules.flatMap((rule) => {
    const types = [...open].filter((type) => rule.vehicleTypeIds?.includes(type) ?? true);
    for (const type of types) open.delete(type);
    const { maximumSpeedKph, stationParking } = rule;
    if (types.length === 0) return [];
    return {
      vehicle_type_ids: types,
      ride_start_allowed: rule.rideStartAllowed,
      ride_end_allowed: rule.rideEndAllowed,
      ride_through_allowed: rule.rideThroughAllowed,
      ...(maximumSpeedKph !== undefined && { maximum_speed_kph: maximumSpeedKph }),
      ...(stationParking !== undefined && { station_parking: stationParking }),
    };
  });
}

/** RFC 7946, section 3.1.6: around outer rings against the clock, around holes with it. */
export function rightHanded({ type, coordinates }: MultiPolygon): MultiPolygon {
  const turned = coordinates.map((rings) =>
    rings.map((ring, index) => (signedArea(ring) > 0 === (index === 0) ? ring : ring.toReversed())),
  );
  return { type, coordinates: turned };
}

/** Above zero where it runs against the clock. */
function signedArea(ring: readonly Position[]): number {
  return ring.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] ?? [x, y];
    return sum + (x * nextY - nextX * y);
  }, 0);
}

/** GBFS 3.0, `system_alerts.json`: what holds for a while, as around a fair or a marathon. */
export function alerts(zones: readonly Zone[], system: SharingSystem, now: Instant): FeedFile {
  const data = zones
    .filter(({ start, end }) => (end ?? Infinity) > now && (start !== undefined || end !== undefined))
    .map(({ zoneId, name, start, end, stationId }) => ({
      alert_id: zoneId,
      type: 'other',
      // A time needs a start; what has always held is told as long as it does.
      ...(start !== undefined && {
        times: [{ start: timeOf(start), ...(end !== undefined && { end: timeOf(end) }) }],
      }),
      ...(stationId !== undefined && { station_ids: [stationId] }),
      summary: localized(name, system),
    }));
  return { name: 'system_alerts', data: { alerts: data } };
}
