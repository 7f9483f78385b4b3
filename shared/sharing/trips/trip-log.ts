import type { TripEvent } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { LogPosition } from '../bookings/booked-vehicle.ts';

/**
 * The lines that follow a position of a vehicle's log without a gap, in their order: however often, late and jumbled they
 * came. A line behind a gap waits for what is missing; what stands at or before the position is not told again.
 *
 * @param from undefined: nothing is known yet, and the first line of all is the one that names none before it
 */
export function gapless(from: LogPosition | undefined, events: Iterable<TripEvent>): readonly TripEvent[] {
  const following = new Map<string, TripEvent>();
  for (const event of events) {
    // Of two lines that both claim a place the first stands: a vehicle that forks its log is told of elsewhere.
    const link = linkOf(event.after);
    if (!following.has(link)) following.set(link, event);
  }
  const result: TripEvent[] = [];
  for (let place = from; ; ) {
    const next = following.get(linkOf(place));
    if (next === undefined || (place !== undefined && !isBehind(next, place))) return result;
    result.push(next);
    place = positionOf(next);
  }
}

/** Boots rise, and the lines of a boot are numbered. */
export function isBehind(one: LogPosition, other: LogPosition): boolean {
  return one.boot > other.boot || (one.boot === other.boot && one.sequence > other.sequence);
}

export function positionOf({ boot, sequence }: LogPosition): LogPosition {
  return { boot, sequence };
}

export function byPosition(a: LogPosition, b: LogPosition): number {
  return a.boot - b.boot || a.sequence - b.sequence;
}

function linkOf(place: LogPosition | undefined): string {
  return place === undefined ? 'first' : `${place.boot} ${place.sequence}`;
}
