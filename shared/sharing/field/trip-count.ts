import { useOf } from '../trips/course.ts';
import type { Trip } from '../trips/trip.ts';
import type { Tally } from './tally.ts';

/** What a trip counts for; undefined while it is not settled, or never began. */
export function tallyOf(trip: Trip): Tally | undefined {
  const { course, verdict, heldAt, state, bill, refunds } = trip;
  if (course === undefined || state.status !== 'settled') return undefined;
  const use = useOf(course, heldAt, verdict?.kind === 'settle' ? verdict.endedAt : undefined);
  const gross = state.waived === true ? 0 : (bill?.total ?? 0);
  const tax = state.waived === true ? 0 : (bill?.vat?.amount ?? 0);
  const given = refunds.filter(({ status }) => status === 'refunded');
  return {
    trips: 1,
    tripTime: use === undefined ? 0 : Math.max(0, use.endedAt - use.startedAt),
    metres: use?.metres ?? 0,
    ...{ gross, net: gross - tax },
    refunded: given.reduce((sum, { amount }) => sum + amount, 0),
  };
}
