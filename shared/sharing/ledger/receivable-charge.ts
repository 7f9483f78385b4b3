import type { Instant } from '../../kernel/clock.ts';
import { type Charge, chargeChanges } from './charge.ts';
import type { Receivable } from './receivable.ts';
import { inTime } from './receivable-trip.ts';
import { sharesOf } from './tax-share.ts';

/** What a charge tells the ledger: it is billed when it is made, and comes, or does not, afterwards. */
export function receivableOfCharge(charge: Charge): Receivable {
  const { chargeId, operatorId, debtor, timeZone, currency, lines, amount, madeAt, happenedAt, kind } = charge;
  const isPartners = debtor.kind === 'partner';
  return {
    ...{ payable: chargeId, what: kind === 'business-month' ? 'business-month' : 'charge', operatorId, debtor },
    ...{ timeZone, currency, lines, total: amount, shares: sharesOf(lines) },
    // A month is supplied from its first day on (Directive 2006/112/EC, Article 226 (7)).
    supply: { from: kind === 'business-month' ? firstNoonOf(happenedAt) : happenedAt, to: happenedAt },
    billed: { at: madeAt, captured: 0, owed: isPartners ? 0 : amount },
    // What a partner owes, and pays, stands in its account.
    changes: chargeChanges(charge)
      .filter((change) => !isPartners || change.kind !== 'collected')
      .toSorted(inTime),
    ...(isPartners && { partnerPays: true }),
  };
}

/** `at` is noon of the month's last day. */
function firstNoonOf(at: Instant): Instant {
  const day = new Date(at);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1, 12);
}
