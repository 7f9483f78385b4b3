import type { Instant } from '../../kernel/clock.ts';
import { covers } from './geometry.ts';
import type { Place, Zone, ZoneRule, ZoneSet } from './zone.ts';

/** What holds at a place, and the zone that says so; the global rules where none does. */
export interface RuleHere {
  readonly rule: ZoneRule;
  readonly zone?: Zone;
}

/** GBFS 3.0: what nobody restricts is allowed. */
const unrestricted: ZoneRule = { rideStartAllowed: true, rideEndAllowed: true, rideThroughAllowed: true };

/**
 * GBFS 3.0, `geofencing_zones.json`: of the zones in force around the place, the earliest in the list that has a rule
 * for the vehicle's type counts, and of its rules the first. The rest of an overlapping zone's rules is not mixed in.
 */
export function ruleAt(set: ZoneSet, place: Place, vehicleTypeId: string, now: Instant): RuleHere {
  for (const zone of set.zones) {
    const rule = firstFor(zone.rules, vehicleTypeId);
    if (rule !== undefined && isThere(zone, place, now)) return { rule, zone };
  }
  return { rule: firstFor(set.globalRules, vehicleTypeId) ?? unrestricted };
}

/** Whether a trip may end here: where it asks for a station, any station in force around the place will do. */
export function endAllowed(set: ZoneSet, place: Place, vehicleTypeId: string, now: Instant): boolean {
  const { rule } = ruleAt(set, place, vehicleTypeId, now);
  return rule.rideEndAllowed && (rule.stationParking !== true || stationAt(set, place, now) !== undefined);
}

/** The zone that figures count a place to: the earliest in force around it that says anything to anybody. */
export function zoneAt(set: ZoneSet, place: Place, now: Instant): Zone | undefined {
  return set.zones.find((zone) => zone.rules.length > 0 && isThere(zone, place, now));
}

/** The station around the place. */
function stationAt(set: ZoneSet, place: Place, now: Instant): string | undefined {
  return set.zones.find(({ stationId, ...zone }) => stationId !== undefined && isThere(zone, place, now))?.stationId;
}

/** A place known for no coverage: a vehicle that falls silent here is where it was. */
export function isQuiet(set: ZoneSet, place: Place, now: Instant): boolean {
  return set.zones.some((zone) => zone.noCoverage === true && isThere(zone, place, now));
}

function isThere({ geometry, start = -Infinity, end = Infinity }: Zone, place: Place, now: Instant): boolean {
  return now >= start && now < end && covers(geometry, place);
}

function firstFor(rules: readonly ZoneRule[], vehicleTypeId: string): ZoneRule | undefined {
  return rules.find(({ vehicleTypeIds }) => vehicleTypeIds?.includes(vehicleTypeId) ?? true);
}
