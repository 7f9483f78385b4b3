import type { Bill, BillLine } from '../sharing/prices/bill.ts';
import type { PricingPlan } from '../sharing/prices/plan.ts';
import { vatRate } from '../sharing/prices/vat.ts';
import type { SharingSystem } from '../sharing/setup/system.ts';
import { baseUnits, type FareElement, type FareStructure } from './tomp/money.ts';

/** The plan in TOMP's words, with what a use as it was asked for would come to. */
export function estimatedFare(
  plan: PricingPlan,
  estimate: number,
  { market }: SharingSystem,
  today: string,
): FareStructure {
  const { currency: currencyCode, unlockFee, perMinute, pausePerMinute, perKilometre, dayCap } = plan;
  const rate = vatRate(market, today);
  const flex = (amount: number, units: 'MINUTE' | 'KM', name: string, more: Partial<FareElement> = {}) =>
    amount === 0
      ? []
      : [{ type: 'FLEX' as const, amount: baseUnits(amount), currencyCode, units, amountOfUnits: 1, name, ...more }];
  return {
    ...{ amount: baseUnits(estimate), currencyCode, vatCountryCode: market, estimated: true, description: plan.name },
    ...(rate !== undefined && { taxPercentageUsed: rate / 100 }),
    elements: [
      ...(unlockFee === 0
        ? []
        : [{ type: 'FIXED' as const, amount: baseUnits(unlockFee), currencyCode, name: 'unlock' }]),
      ...flex(perMinute, 'MINUTE', 'driving', { assetCondition: 'IN_USE' }),
      ...flex(pausePerMinute, 'MINUTE', 'pausing', { assetCondition: 'PAUSED' }),
      ...flex(perKilometre, 'KM', 'kilometres'),
      ...(dayCap === undefined
        ? []
        : [{ type: 'MAX' as const, amount: baseUnits(dayCap), currencyCode, name: 'day-cap' }]),
    ],
  };
}

/** What was charged, line by line; the lines' sum is the amount. */
export function chargedFare({ lines, total, currency: currencyCode, vat }: Bill): FareStructure {
  return {
    ...{ amount: baseUnits(total), currencyCode, estimated: false },
    ...(vat !== undefined && { taxPercentageUsed: vat.rate / 100, vatCountryCode: vat.market }),
    elements: lines.map((line) => elementOf(line, currencyCode)),
  };
}

function elementOf({ item, amount }: BillLine, currencyCode: string): FareElement {
  return { type: 'FIXED', amount: baseUnits(amount), currencyCode, name: item };
}
