import type { Instant } from '../../kernel/clock.ts';
import { type Bill, billOf } from '../prices/bill.ts';
import { useOf } from './course.ts';
import type { PartnerDoubt, Trip } from './trip.ts';

type Judged = Omit<Trip, 'state'>;

/** What a partner takes may be so many times what our own plan would. */
const generous = 3;
/** Minor units that are dear to nobody, whatever the plan says. */
const small = 500;

/**
 * The partner has named a price. It stands where it is within what can be expected; else the operator decides.
 *
 * @param most minor units that are never charged unasked
 */
export function withPartnerPrice(
  trip: Judged,
  price: { readonly bill: Bill; readonly issuer: PartnerDoubt['issuer']; readonly most: number },
  at: Instant,
): Judged {
  if (isDecided(trip)) return trip;
  const { bill, issuer, most } = price;
  if (bill.total > expectedAtMost(trip, most)) {
    return withPartnerDoubt(trip, { why: 'partner-price-high', at, issuer, bill });
  }
  const { partnerDoubt: _, ...sure } = trip;
  return { ...sure, partnerBill: bill };
}

export function withPartnerDoubt(trip: Judged, doubt: PartnerDoubt): Judged {
  const { partnerDoubt: known } = trip;
  if (isDecided(trip) || (known?.why === doubt.why && known.bill?.total === doubt.bill?.total)) return trip;
  return { ...trip, partnerDoubt: doubt };
}

/** The first price stands, and so does what an operator said: a later word charges nothing. */
function isDecided({ partnerBill, verdict, bill }: Judged): boolean {
  return partnerBill !== undefined || verdict !== undefined || bill !== undefined;
}

/** By the plan that searches showed as the estimate, frozen at the hold. */
function expectedAtMost({ course, heldAt, terms }: Judged, most: number): number {
  const use = course === undefined ? undefined : useOf(course, heldAt);
  return use === undefined ? most : Math.min(most, Math.max(small, generous * billOf(use, terms).total));
}
