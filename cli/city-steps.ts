import * as z from 'zod/mini';
import type { CityFile } from '#shared/sharing/setup/city-file.ts';
import { systemContent } from '#shared/sharing/setup/system-order.ts';
import { zoneFindings } from '#shared/sharing/zones/zone-checks.ts';
import { zoneOrder, zoneOrderOf } from '#shared/sharing/zones/zone-order.ts';
import type { PresentCity } from './city-present.ts';

/** One part of a city that is brought to what `to` says of it. */
export interface CityStep {
  readonly part: 'system' | 'zones';
  readonly to: CityFile;
}

const rulesOf = z.object({ bounds: systemContent.shape.bounds, vehicleTypes: systemContent.shape.vehicleTypes });
type Rules = z.infer<typeof rulesOf>;

/** Nobody starts or ends outside a zone. */
const shut = { rideStartAllowed: false, rideEndAllowed: false, rideThroughAllowed: true };

/**
 * System and zones have to suit one another after each call: whichever of the two suits the other one as it is goes first.
 * Where neither does, as when bounds move, there is something in between that suits both.
 */
export function stepsTo(city: CityFile, { system, zones: drawn }: PresentCity): readonly CityStep[] {
  const systemFirst: CityStep[] = [
    { part: 'system', to: city },
    { part: 'zones', to: city },
  ];
  if (system === undefined || drawn === undefined) return systemFirst;
  const [seen, zones] = [
    rulesOf.parse(system),
    zoneOrder.parse({ zones: drawn.zones, globalRules: drawn.globalRules }),
  ];
  if (zoneFindings(zones, city.system).length === 0) return systemFirst;
  if (zoneFindings(city, seen).length === 0) return systemFirst.toReversed();
  const wider = { ...city.system, bounds: around(seen.bounds, city.system.bounds) };
  const interim = { ...city, ...zones, system: wider, globalRules: [...zones.globalRules, shut] };
  return [{ part: 'zones', to: interim }, { part: 'system', to: interim }, ...systemFirst.toReversed()];
}

/** What the platform has of it after a step. */
export function after(present: PresentCity, { part, to }: CityStep): PresentCity {
  const { system, zones } = present;
  if (part === 'system') return system === undefined ? present : { ...present, system: { ...system, ...to.system } };
  return { ...present, zones: { version: (zones?.version ?? 0) + 1, ...zoneOrderOf(to) } };
}

function around(one: Rules['bounds'], other: Rules['bounds']): Rules['bounds'] {
  const [west, south, east, north] = other;
  return [Math.min(one[0], west), Math.min(one[1], south), Math.max(one[2], east), Math.max(one[3], north)];
}
