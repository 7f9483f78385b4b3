import { kinks } from '@turf/kinks';
import { type Box, boxOf, copyOf, isWithin } from './geometry.ts';
import type { Position } from './zone.ts';

/** One thing that is wrong with a ring; `at` is its index, of a position where the fault is one position's. */
export interface RingFault {
  readonly code:
    | 'zone-ring-too-short'
    | 'zone-not-closed'
    | 'zone-crosses-itself'
    | 'zone-coordinates-swapped'
    | 'zone-outside-system';
  readonly detail: string;
  readonly at?: number;
}

type Ring = readonly Position[];

/** @param bounds of the system: no ring may leave them */
export function ringFaults(ring: Ring, bounds: Box): RingFault[] {
  const place = placeFaults(ring, bounds);
  return [...shapeFaults(ring), ...place];
}

/** Of a polygon whose rings are sound by themselves: holes lie within, and touch nothing. */
export function polygonFaults([outer = [], ...holes]: readonly Ring[]): RingFault[] {
  const crossing = crossings([outer, ...holes]);
  if (crossing.length > 0) return crossing;
  const around = boxOf(outer);
  return holes.flatMap((hole) =>
    hole.every((position) => isWithin(around, position))
      ? []
      : [{ code: 'zone-crosses-itself' as const, detail: 'A hole lies outside the ring that it is a hole of.' }],
  );
}

function shapeFaults(ring: Ring): RingFault[] {
  const [first, last] = [ring[0], ring.at(-1)];
  if (first === undefined || last === undefined || ring.length < 4) {
    return [
      {
        code: 'zone-ring-too-short',
        detail: `A ring has 4 positions at least, the last as the first: ${ring.length}.`,
      },
    ];
  }
  if (!isSame(first, last)) {
    return [
      { code: 'zone-not-closed', detail: `The ring ends at ${text(last)} and not where it begins, at ${text(first)}.` },
    ];
  }
  const repeated = ring.findIndex((position, index) => index > 0 && isSame(position, ring[index - 1] ?? first));
  if (repeated > 0) {
    return [{ code: 'zone-crosses-itself', detail: 'The position before is repeated.', at: repeated }];
  }
  return crossings([ring]);
}

function crossings(rings: readonly Ring[]): RingFault[] {
  const [crossing] = kinks({ type: 'Polygon', coordinates: copyOf(rings) }).features;
  const place = crossing?.geometry.coordinates ?? rings.map(retraced).find((position) => position !== undefined);
  if (place === undefined) return [];
  const [longitude = Number.NaN, latitude = Number.NaN] = place;
  return [
    {
      code: 'zone-crosses-itself',
      detail: `The boundary crosses or touches itself at ${text([longitude, latitude])}.`,
    },
  ];
}

/** Turf sees no crossing between parallel edges: one that lies upon another is found here. */
function retraced(ring: Ring): Position | undefined {
  for (let i = 0; i < ring.length - 1; i++) {
    for (let k = i + 1; k < ring.length - 1; k++) {
      const [a, b, c, d] = [ring[i], ring[i + 1], ring[k], ring[k + 1]];
      if (a && b && c && d && overlap(a, b, c, d)) return c;
    }
  }
  return undefined;
}

function overlap(a: Position, b: Position, c: Position, d: Position): boolean {
  if (turn(a, b, c) !== 0 || turn(a, b, d) !== 0) return false;
  const axis = Math.abs(b[0] - a[0]) >= Math.abs(b[1] - a[1]) ? 0 : 1;
  const from = Math.max(Math.min(a[axis], b[axis]), Math.min(c[axis], d[axis]));
  const to = Math.min(Math.max(a[axis], b[axis]), Math.max(c[axis], d[axis]));
  return from < to;
}

function turn(a: Position, b: Position, c: Position): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function placeFaults(ring: Ring, bounds: Box): RingFault[] {
  const at = ring.findIndex((position) => !isWithin(bounds, position));
  const outside = ring[at];
  if (outside === undefined) return [];
  if (ring.every(([longitude, latitude]) => isWithin(bounds, [latitude, longitude]))) {
    const detail = `${text(outside)} lies outside the system; swapped, the ring lies within: GeoJSON has longitude first.`;
    return [{ code: 'zone-coordinates-swapped', detail, at }];
  }
  return [
    { code: 'zone-outside-system', detail: `${text(outside)} lies outside the system's bounds ${text(bounds)}.`, at },
  ];
}

function isSame([longitude, latitude]: Position, other: Position): boolean {
  return longitude === other[0] && latitude === other[1];
}

function text(numbers: readonly number[]): string {
  return `[${numbers.join(', ')}]`;
}
