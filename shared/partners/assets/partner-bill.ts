import type { Instant } from '../../kernel/clock.ts';
import type { Bill } from '../../sharing/prices/bill.ts';
import { vatRate, vatWithin } from '../../sharing/prices/vat.ts';
import { dayIn } from '../../sharing/setup/local-day.ts';
import type { SharingSystem } from '../../sharing/setup/system.ts';
import type { PartnerPrice } from './partner-desk.ts';
import type { BillIssuer } from './partner-feed.ts';

/**
 * What a partner takes, as a bill of the ordinary shape: one line, their tax within it, their name on it. Of a partner that
 * says nothing of its tax the city's is taken, by the day on which the use ended.
 */
export function partnerBill(
  { amount, currency, taxRate }: Pick<PartnerPrice, 'amount' | 'currency' | 'taxRate'>,
  issuer: BillIssuer | undefined,
  { market, timeZone }: Pick<SharingSystem, 'market' | 'timeZone'>,
  endedAt: Instant,
): Bill {
  const rate = taxRate ?? vatRate(market, dayIn(timeZone, endedAt));
  return {
    lines: amount === 0 ? [] : [{ item: 'partner', quantity: 1, price: amount, amount }],
    ...{ total: amount, currency },
    ...(issuer !== undefined && { issuer }),
    ...(rate !== undefined && { vat: { market, rate, amount: vatWithin(amount, rate) } }),
  };
}

/** Hundredths of a percent: more is a rate of nobody. */
const highestTax = 10_000;

/** Why such a price is taken from nobody: somebody has to look. */
export function priceFault({ amount, currency, taxRate = 0 }: PartnerPrice, ours: string): string | undefined {
  if (!Number.isSafeInteger(amount) || amount < 0) return 'it is no amount';
  if (!Number.isSafeInteger(taxRate) || taxRate < 0 || taxRate > highestTax) return 'its tax is no rate';
  return currency === ours ? undefined : `it is in ${currency}, and the city's currency is ${ours}`;
}
