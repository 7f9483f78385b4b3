import type { Instant } from '../../kernel/clock.ts';
import type { TripEvent } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { Span, Use } from '../prices/bill.ts';
import type { Place } from '../zones/zone.ts';
import { byPosition } from './trip-log.ts';

/** What a vehicle signed of one trip, and nothing that anybody else says of it. Times are its own. */
export interface Course {
  readonly start: Milestone;
  readonly pauses: readonly Span[];
  /** It is paused since then. */
  readonly pausedSince?: Instant;
  /** Percent when it was plugged in; absent where it is not. */
  readonly pluggedInAt?: number;
  readonly end?: Milestone & {
    readonly by: 'driver' | 'operator';
    /** Of the zones by which the vehicle judged that it may end there. */
    readonly zonesVersion?: number;
  };
  /** What contradicts itself in it: for somebody to look at. */
  readonly flaws: readonly CourseFlaw[];
}

export interface Milestone {
  readonly at: Instant;
  readonly place?: Place;
  /** Metres. */
  readonly odometer: number;
  /** Percent. */
  readonly charge: number;
}

export const courseFlaws = ['out-of-turn', 'clock-set-back', 'odometer-set-back'] as const;
export type CourseFlaw = (typeof courseFlaws)[number];

/** @param events of one fence, without a gap, in any order; undefined while none of them is a start */
export function courseOf(events: readonly TripEvent[]): Course | undefined {
  const ordered = events.toSorted(byPosition);
  const [first, ...rest] = ordered.slice(ordered.findIndex(({ kind }) => kind === 'started'));
  if (first?.kind !== 'started') return undefined;
  let course: Course = { start: milestoneOf(first), pauses: [], flaws: [] };
  let before = first;
  for (const event of rest) {
    course = flawed(goneOn(course, event), contradictions(before, event));
    before = event;
  }
  return course;
}

/** Once it has ended nothing changes it any more: plugging in a vehicle that one has left is another story. */
function goneOn(course: Course, event: TripEvent): Course {
  if (course.end !== undefined) return isCharging(event) ? course : flawed(course, ['out-of-turn']);
  const { pausedSince, ...driving } = course;
  const { pluggedInAt: _, ...unplugged } = course;
  switch (event.kind) {
    case 'started':
      return flawed(course, ['out-of-turn']);
    case 'paused':
      return pausedSince === undefined ? { ...course, pausedSince: event.at } : flawed(course, ['out-of-turn']);
    case 'resumed':
      return pausedSince === undefined
        ? flawed(course, ['out-of-turn'])
        : { ...driving, pauses: [...course.pauses, { from: pausedSince, to: event.at }] };
    case 'charging-started':
      return { ...course, pluggedInAt: event.charge };
    case 'charging-ended':
      return unplugged;
    case 'ended':
    case 'ended-by-operator':
      return ended(course, event);
  }
}

function ended(course: Course, event: TripEvent): Course {
  const { pausedSince, ...driving } = course;
  const pauses = pausedSince === undefined ? course.pauses : [...course.pauses, { from: pausedSince, to: event.at }];
  const by = event.kind === 'ended' ? 'driver' : 'operator';
  const zones = event.zonesVersion === undefined ? {} : { zonesVersion: event.zonesVersion };
  return { ...driving, pauses, end: { ...milestoneOf(event), by, ...zones } };
}

function isCharging({ kind }: TripEvent): boolean {
  return kind === 'charging-started' || kind === 'charging-ended';
}

function contradictions(before: TripEvent, event: TripEvent): CourseFlaw[] {
  return [
    ...(event.at < before.at ? (['clock-set-back'] as const) : []),
    ...(event.odometer < before.odometer ? (['odometer-set-back'] as const) : []),
  ];
}

function flawed(course: Course, flaws: readonly CourseFlaw[]): Course {
  const fresh = flaws.filter((flaw) => !course.flaws.includes(flaw));
  return fresh.length === 0 ? course : { ...course, flaws: [...course.flaws, ...fresh] };
}

function milestoneOf({ at, place, odometer, charge }: TripEvent): Milestone {
  return { at, odometer, charge, ...(place !== undefined && { place }) };
}

/**
 * What is billed.
 *
 * @param assumedEnd where somebody has decided when it ended
 * @returns undefined where neither they nor the vehicle told
 */
export function useOf(course: Course, heldAt: Instant, assumedEnd?: Instant): Use | undefined {
  const { start, end, pauses, pausedSince, pluggedInAt } = course;
  const endedAt = assumedEnd ?? end?.at;
  if (endedAt === undefined) return undefined;
  const open = pausedSince === undefined ? [] : [{ from: pausedSince, to: endedAt }];
  return {
    ...{ heldAt, startedAt: start.at, endedAt, pauses: [...pauses, ...open] },
    metres: Math.max(0, (end ?? start).odometer - start.odometer),
    ...(pluggedInAt !== undefined && { pluggedInAt }),
  };
}
