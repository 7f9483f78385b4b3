import { type Finding, namedTwice, onlyIf } from '../setup/finding.ts';
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
  const other = `The system charges ${currency}, not ${plan.currency}.`;
  const prices = [
    ...pricesOf(plan).flatMap(([pointer, amount, limit]) => priceFindings(pointer, amount, limit, plan.currency)),
    ...capFindings(plan),
  ];
  return [
    ...onlyIf(plan.currency !== currency, 'currency-other', '/currency', other),
    ...prices,
    ...namedTwice(
      plan.packages.map(({ packageId }) => packageId),
      'package-twice',
      (index) => `/packages/${index}/packageId`,
    ),
    ...plan.packages.flatMap(({ minutes, kilometres }, index) =>
      onlyIf(minutes + kilometres === 0, 'package-empty', `/packages/${index}`, 'It has no minutes and no kilometres.'),
    ),
    // What is compared with a mistake tells nothing.
    ...(prices.length === 0 ? [...pauseFindings(plan), ...packageFindings(plan)] : []),
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
  if (amount < 0) return onlyIf(true, 'price-negative', pointer, `${amount} is below nothing.`);
  const whole = `${amount} is no whole number: prices are in the smallest unit, 29 for 0.29 ${currency}.`;
  if (!Number.isSafeInteger(amount)) return onlyIf(true, 'price-not-whole', pointer, whole);
  const highest = Math.round(most[limit] * 100 * (worthOfEuro[currency] ?? 50));
  const [it, limited] = [amount, highest].map((cents) => `${(cents / 100).toFixed(2)} ${currency}`);
  const much = `${amount} is ${it}; ${highest}, which is ${limited}, is the most.`;
  return onlyIf(amount > highest, 'price-absurd', pointer, much);
}

function capFindings({ dayCap, perMinute, pausePerMinute, unlockFee }: PlanContent): Finding[] {
  const minute = Math.max(perMinute, pausePerMinute);
  if (dayCap === undefined || dayCap < 0) return [];
  const most = `A day would cost ${dayCap} at the most`;
  return [
    ...onlyIf(dayCap < minute, 'day-cap-below-minute', '/dayCap', `${most}, and a single minute ${minute}.`),
    ...onlyIf(dayCap < unlockFee, 'day-cap-below-fee', '/dayCap', `${most}, and unlocking alone ${unlockFee}.`),
  ];
}

/** Where driving is paid by the kilometre alone, minutes of standing may cost something all the same. */
function pauseFindings({ perMinute, pausePerMinute, perKilometre }: PlanContent): Finding[] {
  const isDearer = pausePerMinute > perMinute && !(perMinute === 0 && perKilometre > 0);
  const detail = `A minute of pausing would cost ${pausePerMinute}, and one of driving ${perMinute}.`;
  return onlyIf(isDearer, 'pause-dearer-than-driving', '/pausePerMinute', detail);
}

const minutesOfDay = 24 * 60;

/** A package that nobody gains by. */
function packageFindings(plan: PlanContent): Finding[] {
  return plan.packages.flatMap(({ minutes, kilometres, price }, index) => {
    const worth = timeWorth(minutes, plan) + kilometres * plan.perKilometre;
    const detail = `It would cost ${price}; without it, its minutes and kilometres cost ${worth} at the most.`;
    const isDearer = minutes + kilometres > 0 && price > worth;
    return onlyIf(isDearer, 'package-dearer-than-without', `/packages/${index}/price`, detail);
  });
}

/** The most that so many minutes from the start of a trip cost at the plan's own rates. */
function timeWorth(minutes: number, { perMinute, pausePerMinute, dayCap }: PlanContent): number {
  const rate = Math.max(perMinute, pausePerMinute);
  const day = Math.min(minutesOfDay * rate, dayCap ?? Number.POSITIVE_INFINITY);
  return Math.floor(minutes / minutesOfDay) * day + Math.min((minutes % minutesOfDay) * rate, day);
}
