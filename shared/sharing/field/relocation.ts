import { distanceBetween } from '../search/distance.ts';
import type { VehicleType } from '../setup/system.ts';
import type { Place } from '../zones/zone.ts';
import { type CellId, cellAt, placeOf } from './cell.ts';
import type { Wanted } from './demand.ts';

/** A vehicle that anybody could hold. */
export interface FreeVehicle {
  readonly vehicleId: string;
  readonly vehicleTypeId: string;
  readonly formFactor: VehicleType['formFactor'];
  readonly place: Place;
  /** ms for which nobody has wanted it. */
  readonly idle: number;
}

/** Searches that are likely to find nothing there, in the hours to come. */
export interface CellDemand {
  readonly cell: CellId;
  readonly wanted: Wanted;
  readonly expected: number;
}

export interface RelocationRules {
  /** ms for which a vehicle has stood that may be moved. */
  readonly idle: number;
  /** Metres as the crow flies. */
  readonly farthest: number;
  /** Whether a vehicle of the type may be left there. */
  readonly mayEnd: (place: Place, vehicleTypeId: string) => boolean;
  /** Under way there already, by tasks that were raised before. */
  readonly coming: ReadonlyMap<CellId, number>;
}

export interface Relocation {
  readonly vehicle: FreeVehicle;
  readonly from: CellId;
  readonly to: CellId;
  /** The middle of that cell. */
  readonly place: Place;
  readonly distance: number;
  readonly expected: number;
}

/** Below it one search too many is no demand. */
const least = 0.5;
/** Vehicles that are brought to one cell at once. */
const mostEach = 5;

/**
 * Which vehicle to bring where: what is wanted most first, each by the nearest vehicle that nobody misses where it stands.
 * Each vehicle once at the most; no cell is left with less than is expected to be wanted there. The same input, in
 * whichever order, gives the same answer.
 */
export function relocations(
  vehicles: readonly FreeVehicle[],
  demand: readonly CellDemand[],
  rules: RelocationRules,
): readonly Relocation[] {
  const left = new Map(vehicles.map((vehicle) => [vehicle.vehicleId, vehicle]));
  const spare = new Map<CellId, number>();
  const there = counted(vehicles.map(({ place }) => cellAt(place)));
  const needs = needsOf(demand);
  for (const [cell, many] of there) spare.set(cell, many - (needs.get(cell) ?? 0));
  const found: Relocation[] = [];
  for (const { cell, wanted, expected } of demand.toSorted(byNeed)) {
    if (expected < least) continue;
    const place = placeOf(cell);
    // Those that stand there stand for what is wanted of any kind.
    const has = vehicles.filter((one) => fits(one, wanted) && cellAt(one.place) === cell).length;
    const brought = found.filter((one) => one.to === cell && fits(one.vehicle, wanted)).length;
    const missing = Math.min(mostEach, Math.ceil(expected)) - has - brought - (rules.coming.get(cell) ?? 0);
    for (let more = 0; more < missing; more += 1) {
      const vehicle = nearest([...left.values()], { cell, wanted, place, spare, rules });
      if (vehicle === undefined) break;
      const from = cellAt(vehicle.place);
      left.delete(vehicle.vehicleId);
      spare.set(from, (spare.get(from) ?? 0) - 1);
      found.push({ vehicle, from, to: cell, place, distance: distanceBetween(vehicle.place, place), expected });
    }
  }
  return found;
}

interface Wish {
  readonly cell: CellId;
  readonly wanted: Wanted;
  readonly place: Place;
  readonly spare: ReadonlyMap<CellId, number>;
  readonly rules: RelocationRules;
}

function nearest(vehicles: readonly FreeVehicle[], { cell, wanted, place, spare, rules }: Wish) {
  const near = vehicles.flatMap((vehicle) => {
    const from = cellAt(vehicle.place);
    if (from === cell || (spare.get(from) ?? 0) < 1 || vehicle.idle < rules.idle || !fits(vehicle, wanted)) return [];
    const distance = distanceBetween(vehicle.place, place);
    return distance <= rules.farthest ? [{ vehicle, distance }] : [];
  });
  near.sort((one, other) => {
    if (one.distance !== other.distance) return one.distance - other.distance;
    return one.vehicle.vehicleId < other.vehicle.vehicleId ? -1 : 1;
  });
  return near.find(({ vehicle }) => rules.mayEnd(place, vehicle.vehicleTypeId))?.vehicle;
}

function fits({ formFactor }: FreeVehicle, wanted: Wanted): boolean {
  return wanted === 'any' || wanted === formFactor;
}

/** What each cell keeps for itself: what is wanted there, of all kinds together. */
function needsOf(demand: readonly CellDemand[]): ReadonlyMap<CellId, number> {
  const needs = new Map<CellId, number>();
  for (const { cell, expected } of demand) needs.set(cell, (needs.get(cell) ?? 0) + Math.ceil(expected));
  return needs;
}

function counted(cells: readonly CellId[]): ReadonlyMap<CellId, number> {
  const counts = new Map<CellId, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return counts;
}

function byNeed(one: CellDemand, other: CellDemand): number {
  if (one.expected !== other.expected) return other.expected - one.expected;
  const [first, second] = [`${one.cell} ${one.wanted}`, `${other.cell} ${other.wanted}`];
  return first < second ? -1 : Number(first > second);
}
