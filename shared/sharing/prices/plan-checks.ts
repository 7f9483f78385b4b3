import { type Finding, namedTwice } from '../setup/finding.ts';
import type { PlanContent } from './plan-order.ts';

/**
 * Roughly what a euro is worth, only to tell a price from a slip of the pen. A currency that is not listed may be a weak
 * one.
 */
const worthOfEuro: Readonly<Record<string, number>> = {
  ...{ EUR: 1, USD: 1.1, GBP: 0.9, CHF: 1, AUD: 1.8, CAD: 1.6, NZD: 2 },
  ...{ BGN: 2, PLN: 4.5, RON: 5, DKK: 7.5, SEK: 11, NOK: 12, CZK: 25, TRY: 50, RSD: 120, HUF: 420 },
};

/** Of a price, in euros: more is no price but a mistake, such as euros where cents were meant. */
const most = { minute: 5, kilometre: 10, fee: 100, day: 1_000, package: 10_000 } as const;

/** Everything that is wrong with a plan, by JSON pointers into it. @param currency of the system */
export function planFindings(plan: PlanContent, currency: string): Finding[] {
  const prices = pricesOf(plan);
  return [
    ...(plan.currency === currency
      ? []
      : [
          {
            code: 'currency-other',
            pointer: '/currency',
            detail: `The system charges ${currency}, not ${plan.currency}.`,
          },
        ]),
    ...prices.flatMap(([pointer, amount, limit]) => priceFindings(pointer, amount, limit, plan.currency)),
    ...capFindings(plan),
    ...namedTwice(
      plan.packages.map(({ packageId }) => packageId),
      'package-twice',
      (index) => `/packages/${index}/packageId`,
    ),
    ...plan.packages.flatMap(({ minutes, kilometres }, index) =>
      minutes + kilometres > 0
        ? []
        : [{ code: 'package-empty', pointer: `/packages/${index}`, detail: 'It has no minutes and no kilometres.' }],
    ),
  ];
}

type Limit = keyof typeof most;

function pricesOf(plan: PlanContent): (readonly [pointer: string, amount: number, limit: Limit])[] {
  return [
    ['/unlockFee', plan.unlockFee, 'fee'],
    ['/perMinute', plan.perMinute, 'minute'],
    ['/pausePerMinute', plan.pausePerMinute, 'minute'],
    ['/perKilometre', plan.perKilometre, 'kilometre'],
    ...(plan.dayCap === undefined ? [] : [['/dayCap', plan.dayCap, 'day'] as const]),
    ['/hold/perMinute', plan.hold.perMinute, 'minute'],
    ...plan.packages.map(({ price }, index) => [`/packages/${index}/price`, price, 'package'] as const),
    ...(plan.chargeReward === undefined ? [] : [['/chargeReward/amount', plan.chargeReward.amount, 'fee'] as const]),
  ];
}

function priceFindings(pointer: string, amount: number, limit: Limit, currency: string): Finding[] {
  if (amount < 0) return [{ code: 'price-negative', pointer, detail: `${amount} is below nothing.` }];
  if (!Number.isSafeInteger(amount)) {
    const detail = `${amount} is no whole number: prices are in the smallest unit, 29 for 0.29 ${currency}.`;
    return [{ code: 'price-not-whole', pointer, detail }];
  }
  const highest = Math.round(most[limit] * 100 * (worthOfEuro[currency] ?? 50));
  if (amount <= highest) return [];
  const detail = `${amount} is ${(amount / 100).toFixed(2)} ${currency}; ${highest} is the most: is it in whole ${currency}?`;
  return [{ code: 'price-absurd', pointer, detail }];
}

function capFindings({ dayCap, perMinute, pausePerMinute }: PlanContent): Finding[] {
  if (dayCap === undefined || dayCap < 0) return [];
  const minute = Math.max(perMinute, pausePerMinute);
  if (dayCap >= minute) return [];
  const detail = `A day would cost ${dayCap} at the most, and a single minute ${minute}.`;
  return [{ code: 'day-cap-below-minute', pointer: '/dayCap', detail }];
}
