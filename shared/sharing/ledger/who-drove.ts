import type { Instant } from '../../kernel/clock.ts';
import type { Trip, TripKey } from '../trips/trip.ts';
import type { TripRepository } from '../trips/trip-repository.ts';

/** Who had a vehicle at an instant. */
export type Had =
  | { readonly kind: 'trip'; readonly trip: Trip; readonly as: 'driving' | 'paused' }
  /** It was theirs, and they had not opened it: it stood where the one before had left it. */
  | { readonly kind: 'held'; readonly trip: Trip; readonly before?: Instant; readonly after?: Instant }
  /** @property before when the last trip before had ended; after: when the next one began */
  | { readonly kind: 'nobody'; readonly before?: Instant; readonly after?: Instant };

/** So far back a later fence may overlap an earlier one: a trip that nobody heard of until another had the vehicle. */
const overlaps = 4;

/** Finds whose a vehicle was by its trips, which its fences put in order: a handful of reads by key, never a scan. */
export class WhoDrove {
  readonly #trips: Pick<TripRepository, 'load' | 'ofVehicle'>;

  constructor(trips: Pick<TripRepository, 'load' | 'ofVehicle'>) {
    this.#trips = trips;
  }

  async at(vehicleId: string, at: Instant): Promise<Had> {
    const { items } = await this.#trips.ofVehicle(vehicleId, { limit: 1 });
    const newest = items[0]?.fence ?? 0;
    const last = await this.#lastHeldBy(vehicleId, at, newest);
    const near = await this.#near(vehicleId, last, newest);
    const theirs = near.find((trip) => wasUsed(trip, at));
    if (theirs !== undefined) return { kind: 'trip', trip: theirs, as: isPaused(theirs, at) ? 'paused' : 'driving' };
    const edges = edgesOf(near, at);
    const holder = near.find((trip) => trip.heldAt <= at && at < heldUntil(trip));
    return holder === undefined ? { kind: 'nobody', ...edges } : { kind: 'held', trip: holder, ...edges };
  }

  /** The highest fence whose hold was made by then; 0: none. Fences and holds rise together. */
  async #lastHeldBy(vehicleId: string, at: Instant, newest: number): Promise<number> {
    let [low, high] = [0, newest];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const trip = await this.#atOrBelow({ vehicleId, fence: middle }, low);
      if (trip === undefined || trip.heldAt > at) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** A fence whose hold was never put down is passed over. */
  async #atOrBelow({ vehicleId, fence }: TripKey, low: number): Promise<Trip | undefined> {
    for (let one = fence; one > low; one--) {
      const trip = await this.#trips.load({ vehicleId, fence: one });
      if (trip !== undefined) return trip;
    }
    return this.#trips.load({ vehicleId, fence: low });
  }

  /** Those around it, the newest first. */
  async #near(vehicleId: string, fence: number, newest: number): Promise<readonly Trip[]> {
    const from = Math.max(1, fence - overlaps);
    const fences = Array.from({ length: Math.min(newest, fence + 1) - from + 1 }, (_, place) => from + place);
    const trips = await Promise.all(fences.toReversed().map((one) => this.#trips.load({ vehicleId, fence: one })));
    return trips.filter((trip) => trip !== undefined);
  }
}

/** When it was over; undefined while it goes on. */
function endOf({ course, verdict, release }: Trip): Instant | undefined {
  const decided = verdict?.kind === 'settle' ? verdict.endedAt : undefined;
  return decided ?? course?.end?.at ?? (course === undefined ? release?.at : undefined);
}

function wasUsed(trip: Trip, at: Instant): boolean {
  const { course } = trip;
  if (course === undefined || at < course.start.at) return false;
  const end = endOf(trip);
  return end === undefined || at <= end;
}

function isPaused({ course }: Trip, at: Instant): boolean {
  if (course === undefined) return false;
  const isOpen = course.pausedSince !== undefined && at >= course.pausedSince;
  return isOpen || course.pauses.some(({ from, to }) => at >= from && at < to);
}

function heldUntil({ course, release, expiresAt }: Trip): Instant {
  return course?.start.at ?? release?.at ?? expiresAt;
}

function edgesOf(trips: readonly Trip[], at: Instant) {
  const ends = trips.flatMap((trip) => (trip.course === undefined ? [] : [endOf(trip) ?? 0])).filter((end) => end < at);
  const starts = trips
    .flatMap(({ course }) => (course === undefined ? [] : [course.start.at]))
    .filter((one) => one > at);
  return {
    ...(ends.length > 0 && { before: Math.max(...ends) }),
    ...(starts.length > 0 && { after: Math.min(...starts) }),
  };
}
