import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import type { MultiPolygon, Place, Position } from './zone.ts';

/** West, south, east, north in degrees. None crosses the 180th meridian. */
export type Box = readonly [west: number, south: number, east: number, north: number];

/** The boundary belongs to it, holes do not. */
export function covers(geometry: MultiPolygon, { longitude, latitude }: Place): boolean {
  // Most zones are elsewhere: the box costs nothing, and spares the copy that turf's mutable types ask for.
  if (!isWithin(boxOf(geometry.coordinates.flatMap(([outer = []]) => outer)), [longitude, latitude])) return false;
  return booleanPointInPolygon([longitude, latitude], {
    type: 'MultiPolygon',
    coordinates: geometry.coordinates.map(copyOf),
  });
}

export function boxOf(positions: readonly Position[]): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [longitude, latitude] of positions) {
    west = Math.min(west, longitude);
    south = Math.min(south, latitude);
    east = Math.max(east, longitude);
    north = Math.max(north, latitude);
  }
  return [west, south, east, north];
}

export function isWithin([west, south, east, north]: Box, [longitude, latitude]: Position): boolean {
  return longitude >= west && longitude <= east && latitude >= south && latitude <= north;
}

export function copyOf(polygon: readonly (readonly Position[])[]): [number, number][][] {
  return polygon.map((ring) => ring.map(([longitude, latitude]) => [longitude, latitude]));
}
