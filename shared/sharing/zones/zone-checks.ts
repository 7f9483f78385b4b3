import { type Finding, namedTwice, onlyIf } from '../setup/finding.ts';
import type { SharingSystem } from '../setup/system.ts';
import { isWithin } from './geometry.ts';
import { polygonFaults, ringFaults } from './ring-checks.ts';
import type { Zone, ZoneRule, ZoneSet } from './zone.ts';

export const mostZones = 200;
/** As JSON: it travels to vehicles in one message. */
export const mostZoneBytes = 96 * 1024;

type Zones = Pick<ZoneSet, 'zones' | 'globalRules'>;

/** Everything that is wrong with a zone set, by JSON pointers into it. */
export function zoneFindings(set: Zones, system: Pick<SharingSystem, 'bounds' | 'vehicleTypes'>): Finding[] {
  const large = sizeFindings(set);
  // What is too much is not looked at further: looking for crossings takes the square of a ring's positions.
  if (large.length > 0) return large;
  const types = system.vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId);
  return [
    ...namedTwice(
      set.zones.map(({ zoneId }) => zoneId),
      'zone-twice',
      (index) => `/zones/${index}/zoneId`,
    ),
    ...set.zones.flatMap((zone, index) => [
      ...timeFindings(zone, `/zones/${index}`),
      ...shapeFindings(zone, `/zones/${index}/geometry/coordinates`, system.bounds),
      ...zone.rules.flatMap((rule, at) => ruleFindings(rule, types, `/zones/${index}/rules/${at}`)),
      ...onlyIf(saysNothing(zone), 'zone-says-nothing', `/zones/${index}/rules`, 'The zone says nothing at all.'),
    ]),
    ...set.globalRules.flatMap((rule, at) => ruleFindings(rule, types, `/globalRules/${at}`)),
    ...withoutGlobalRule(set.globalRules, types, '/globalRules'),
  ];
}

/** What zones that are there would be wrong with in a system that is to change, by JSON pointers into the system. */
export function contradictedZones(
  { zones, globalRules }: Zones,
  { bounds, vehicleTypes }: Pick<SharingSystem, 'bounds' | 'vehicleTypes'>,
): Finding[] {
  const types = vehicleTypes.map(({ vehicleTypeId }) => vehicleTypeId);
  const beyond = zones.filter(({ geometry }) => !geometry.coordinates.flat(2).every((at) => isWithin(bounds, at)));
  return [
    ...beyond.flatMap(({ zoneId }) => {
      const detail = `The zone "${zoneId}" reaches beyond them: set other zones first.`;
      return onlyIf(true, 'zone-outside-system', '/bounds', detail);
    }),
    ...withoutGlobalRule(globalRules, types, '/vehicleTypes'),
  ];
}

function saysNothing({ rules, noCoverage, stationId }: Zone): boolean {
  return rules.length === 0 && noCoverage !== true && stationId === undefined;
}

function sizeFindings(set: Zones): Finding[] {
  const many = `There are ${set.zones.length} zones; ${mostZones} are the most.`;
  if (set.zones.length > mostZones) return onlyIf(true, 'zones-too-many', '/zones', many);
  const bytes = new TextEncoder().encode(JSON.stringify(set)).length;
  const large = `The zones take ${bytes} bytes; ${mostZoneBytes} are the most. Five decimals of a degree are a metre.`;
  return onlyIf(bytes > mostZoneBytes, 'zones-too-large', '/zones', large);
}

function timeFindings({ start, end }: Zone, pointer: string): Finding[] {
  const isNever = start !== undefined && end !== undefined && start >= end;
  return onlyIf(isNever, 'zone-never-in-force', `${pointer}/end`, 'The zone ends before it starts.');
}

function shapeFindings({ geometry }: Zone, pointer: string, bounds: SharingSystem['bounds']): Finding[] {
  if (geometry.coordinates.length === 0) return onlyIf(true, 'zone-ring-too-short', pointer, 'There is no polygon.');
  return geometry.coordinates.flatMap((polygon, p) => {
    if (polygon.length === 0) return onlyIf(true, 'zone-ring-too-short', `${pointer}/${p}`, 'It has no ring.');
    const rings = polygon.flatMap((ring, r) =>
      ringFaults(ring, bounds).map(({ code, detail, at }) => {
        const of = `${pointer}/${p}/${r}`;
        return { code, pointer: at === undefined ? of : `${of}/${at}`, detail };
      }),
    );
    if (rings.length > 0 || polygon.length === 1) return rings;
    return polygonFaults(polygon).map(({ code, detail }) => ({ code, pointer: `${pointer}/${p}`, detail }));
  });
}

function ruleFindings({ vehicleTypeIds = [] }: ZoneRule, types: readonly string[], pointer: string): Finding[] {
  return vehicleTypeIds.flatMap((id, index) => {
    const detail = `The system has no vehicle type "${id}", but ${types.join(', ')}.`;
    return onlyIf(!types.includes(id), 'vehicle-type-unknown', `${pointer}/vehicleTypeIds/${index}`, detail);
  });
}

function withoutGlobalRule(rules: readonly ZoneRule[], types: readonly string[], pointer: string): Finding[] {
  const forgotten = types.filter((id) => !rules.some(({ vehicleTypeIds }) => vehicleTypeIds?.includes(id) ?? true));
  const detail = `\`globalRules\` say nothing of ${forgotten.join(', ')}: where no zone is, a trip could end anywhere.`;
  return onlyIf(forgotten.length > 0, 'zone-rule-missing', pointer, detail);
}
