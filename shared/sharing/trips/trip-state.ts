import type { Instant } from '../../kernel/clock.ts';
import { expiryGuard } from '../bookings/booked-vehicle.ts';
import type { Course } from './course.ts';
import type { Release, ReviewReason, Trip, TripPayment, TripState } from './trip.ts';

/** The trip with the state that follows from what is known of it: the same, in whichever order it became known. */
export function judged(trip: Omit<Trip, 'state'>): Trip {
  return { ...trip, state: stateOf(trip) };
}

function stateOf(trip: Omit<Trip, 'state'>): TripState {
  const { payment, release, course, verdict } = trip;
  if (verdict?.kind === 'waive') return { status: 'settled', at: verdict.at, waived: true };
  const settledAt = settlementOf(payment);
  if (settledAt !== undefined) return { status: 'settled', at: settledAt };
  if (course === undefined) return release === undefined ? { status: 'held' } : unstarted(release);
  const reasons = doubtsOf(trip, course);
  const endedAt = verdict?.endedAt ?? course.end?.at;
  // A bill that is being charged stands: nobody waives what has perhaps been taken already.
  const isCharged = payment.kind === 'capturing' && endedAt !== undefined;
  if (verdict === undefined && reasons.length > 0 && !isCharged) return { status: 'to-review', reasons };
  return endedAt === undefined ? { status: 'under-way', since: course.start.at } : { status: 'ended', at: endedAt };
}

function settlementOf(payment: TripPayment): Instant | undefined {
  switch (payment.kind) {
    case 'open':
    case 'released':
    case 'capturing':
      return undefined;
    case 'captured':
    case 'on-account':
    case 'paid':
    case 'forgiven':
      return payment.at;
    case 'owed':
    case 'collecting':
      return payment.since;
  }
}

function unstarted({ at, why, reason }: Release): TripState {
  if (why === 'expired') return { status: 'expired', at };
  return { status: 'cancelled', at, ...(reason !== undefined && { reason }) };
}

function doubtsOf(
  { release, heldAt, expiresAt, partnerDoubt }: Omit<Trip, 'state'>,
  { start, flaws }: Course,
): ReviewReason[] {
  const early = start.at < heldAt - expiryGuard ? (['started-before-hold'] as const) : [];
  const late = start.at > expiresAt + expiryGuard ? (['started-after-expiry'] as const) : [];
  return [
    ...takenBack(release),
    ...early,
    ...late,
    ...flaws,
    ...(partnerDoubt === undefined ? [] : [partnerDoubt.why]),
  ];
}

function takenBack(release: Release | undefined): ReviewReason[] {
  if (release === undefined || release.why === 'ended') return [];
  return [release.why === 'forced' ? 'forced-end' : 'stale-fence'];
}
