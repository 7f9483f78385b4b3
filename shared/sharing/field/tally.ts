import type { Instant } from '../../kernel/clock.ts';
import { hourOf } from './local-hour.ts';

/** What is counted by hour and zone. Times in ms, distances in metres, money in minor units: whole numbers, so that sums are exact. */
export const figures = [
  /** Vehicles' time that anybody could have held them, somebody held them, had them, or nobody could. */
  ...(['available', 'reserved', 'onTrip', 'outOfService'] as const),
  /** How long vehicles stood free until somebody held them, and how many did. */
  ...(['idle', 'idles'] as const),
  /** Settled trips, by the hour in which each began. */
  ...(['trips', 'tripTime', 'metres', 'gross', 'net', 'refunded'] as const),
] as const;
export type Figure = (typeof figures)[number];

export type Tally = Readonly<Partial<Record<Figure, number>>>;

/** Where and when something is counted. */
export interface Slot {
  /** When the hour began, by the city's clocks. */
  readonly hour: Instant;
  /** Absent: outside all zones, or nobody knows where. */
  readonly zoneId?: string;
}

export interface Counted extends Slot {
  readonly tally: Tally;
}

/** Time that a vehicle was in some way. */
export interface Span {
  readonly as: Figure;
  readonly from: Instant;
  readonly to: Instant;
  readonly zoneId?: string;
}

/** Each ms to the hour in which it passed. */
export function hoursOf(timeZone: string, { as, from, to, zoneId }: Span): readonly Counted[] {
  const counted: Counted[] = [];
  for (let start = from; start < to; ) {
    const hour = hourOf(timeZone, start);
    const end = Math.min(to, hour + 3_600_000);
    counted.push({ hour, ...(zoneId !== undefined && { zoneId }), tally: { [as]: end - start } });
    start = end;
  }
  return counted;
}

/** One for each hour and zone, without those that come to nothing. */
export function summed(all: readonly Counted[]): readonly Counted[] {
  const slots = new Map<string, Counted>();
  for (const one of all) {
    const name = `${one.hour} ${one.zoneId ?? ''}`;
    const known = slots.get(name);
    slots.set(name, known === undefined ? one : { ...known, tally: added(known.tally, one.tally) });
  }
  return [...slots.values()].filter(({ tally }) => Object.values(tally).some((value) => value !== 0));
}

export function added(one: Tally, other: Tally): Tally {
  const sum: Partial<Record<Figure, number>> = { ...one };
  for (const figure of figures) {
    const more = other[figure];
    if (more !== undefined) sum[figure] = (sum[figure] ?? 0) + more;
  }
  return sum;
}

export function negated(tally: Tally): Tally {
  const opposite: Partial<Record<Figure, number>> = {};
  for (const figure of figures) {
    const value = tally[figure];
    if (value !== undefined) opposite[figure] = -value;
  }
  return opposite;
}
