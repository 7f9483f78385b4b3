import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Market } from '#shared/registry/market.ts';
import { isMarket, marketCodes } from '#shared/registry/market.ts';
import { type Bill, type BillItem, type BillTerms, billOf, depositOf, type Use } from '#shared/sharing/prices/bill.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import { taxedMarkets, vatRate, vatWithin } from '#shared/sharing/prices/vat.ts';

const minute = 60_000;
const day = 1_440 * minute;
const noon = Date.UTC(2026, 4, 31, 12);

const plan: PricingPlan = {
  ...{ planId: 'berlin', version: 1, name: 'Berlin', currency: 'EUR' },
  ...{ unlockFee: 100, perMinute: 29, pausePerMinute: 9, perKilometre: 25, includedKilometres: 200, dayCap: 7_900 },
  hold: { freeMinutes: 15, perMinute: 10 },
  packages: [{ packageId: 'evening', name: 'Evening', price: 2_500, minutes: 240, kilometres: 60 }],
  chargeReward: { amount: 500, belowPercent: 30 },
};
const terms: BillTerms = { plan, market: market('DE'), timeZone: 'Europe/Berlin' };

function market(code: string): Market {
  if (isMarket(code)) return code;
  throw new Error(code);
}

function use(minutes: number, more: Partial<Use> = {}): Use {
  const startedAt = noon;
  return { heldAt: noon, startedAt, endedAt: startedAt + minutes * minute, pauses: [], metres: 0, ...more };
}

function amount({ lines }: Bill, item: BillItem): number | undefined {
  return lines.find((line) => line.item === item)?.amount;
}

describe('a bill', () => {
  test('counts each minute and each kilometre that has begun', () => {
    expect(amount(billOf(use(0, { endedAt: noon + 1 }), terms), 'driving')).toBe(29);
    expect(amount(billOf(use(0, { endedAt: noon + minute }), terms), 'driving')).toBe(29);
    expect(amount(billOf(use(0, { endedAt: noon + minute + 1 }), terms), 'driving')).toBe(58);
    expect(amount(billOf(use(1, { metres: 200_000 }), terms), 'kilometres')).toBeUndefined();
    expect(amount(billOf(use(1, { metres: 200_001 }), terms), 'kilometres')).toBe(25);
  });

  test('names the unlock fee, what was driven, what was paused and the total', () => {
    const pauses = [{ from: noon + 10 * minute, to: noon + 25 * minute }];
    const bill = billOf(use(40, { pauses, metres: 12_300 }), terms);
    expect(bill.lines).toEqual([
      { item: 'unlock', quantity: 1, price: 100, amount: 100 },
      { item: 'driving', quantity: 25, price: 29, amount: 725 },
      { item: 'pausing', quantity: 15, price: 9, amount: 135 },
    ]);
    expect(bill).toMatchObject({ total: 960, currency: 'EUR', vat: { market: 'DE', rate: 1_900, amount: 153 } });
  });

  test('charges a hold for what is beyond its free minutes', () => {
    expect(amount(billOf(use(5, { heldAt: noon - 15 * minute }), terms), 'holding')).toBeUndefined();
    expect(amount(billOf(use(5, { heldAt: noon - 15 * minute - 1 }), terms), 'holding')).toBe(10);
    expect(amount(billOf(use(5, { heldAt: noon + minute }), terms), 'holding')).toBeUndefined();
  });

  test('charges a package once, and beside it what is beyond its minutes and kilometres', () => {
    const evening = { ...terms, packageId: 'evening' };
    expect(billOf(use(240, { metres: 260_000 }), evening).total).toBe(100 + 2_500);
    const pauses = [{ from: noon + 235 * minute, to: noon + 245 * minute }];
    const beyond = billOf(use(250, { metres: 260_500, pauses }), evening);
    expect(beyond.lines).toEqual([
      { item: 'unlock', quantity: 1, price: 100, amount: 100 },
      { item: 'package', quantity: 1, price: 2_500, amount: 2_500 },
      { item: 'driving', quantity: 5, price: 29, amount: 145 },
      { item: 'pausing', quantity: 5, price: 9, amount: 45 },
      { item: 'kilometres', quantity: 1, price: 25, amount: 25 },
    ]);
  });

  test('caps the minutes of each 24 hours from the start, and leaves the fees on top', () => {
    expect(billOf(use(1_440), terms).total).toBe(100 + 7_900);
    expect(billOf(use(1_441), terms).total).toBe(100 + 7_900 + 29);
    expect(billOf(use(2 * 1_440 + 10, { metres: 201_000 }), terms).total).toBe(100 + 2 * 7_900 + 290 + 25);
  });

  test('takes the reward off for a nearly empty car that is left charging, and never pays out', () => {
    expect(billOf(use(60, { pluggedInAt: 29 }), terms).total).toBe(100 + 60 * 29 - 500);
    expect(amount(billOf(use(60, { pluggedInAt: 30 }), terms), 'charge-reward')).toBeUndefined();
    expect(billOf(use(1, { pluggedInAt: 5 }), terms)).toMatchObject({ total: 0, vat: { amount: 0 } });
  });

  test('bills nothing below zero for a clock that stood still', () => {
    expect(billOf(use(-5, { metres: -3 }), terms).total).toBe(100);
  });

  test('has the tax of the day on which the use ended, where it ended', () => {
    const endedAt = Date.UTC(2020, 11, 31, 23, 30);
    const at = (timeZone: string) => billOf(use(0, { startedAt: endedAt - minute, endedAt }), { ...terms, timeZone });
    expect(at('Europe/London').vat?.rate).toBe(1_600);
    expect(at('Europe/Berlin').vat?.rate).toBe(1_900);
    expect(billOf(use(5), { ...terms, market: market('US') }).vat).toBeUndefined();
  });
});

const money = (max: number) => fc.integer({ min: 0, max });
const plans = fc
  .record({
    ...{ unlockFee: money(500), perMinute: money(100), pausePerMinute: money(100), perKilometre: money(100) },
    ...{ includedKilometres: fc.integer({ min: 0, max: 50 }), freeMinutes: fc.integer({ min: 0, max: 20 }) },
    ...{ holdPerMinute: money(50), dayCap: fc.option(money(20_000), { nil: undefined }) },
    reward: fc.option(fc.record({ amount: money(5_000), belowPercent: money(100) }), { nil: undefined }),
    bundle: fc.option(fc.record({ price: money(9_000), minutes: money(3_000), kilometres: money(80) }), {
      nil: undefined,
    }),
  })
  .map(({ freeMinutes, holdPerMinute, dayCap, reward, bundle, ...prices }): BillTerms => {
    const packages = bundle === undefined ? [] : [{ packageId: 'one', name: 'One', ...bundle }];
    const { planId, version, name, currency } = plan;
    return {
      ...{ market: market('DE'), timeZone: 'Europe/Berlin', packageId: 'one' },
      plan: {
        ...{ planId, version, name, currency, ...prices, packages, hold: { freeMinutes, perMinute: holdPerMinute } },
        ...(dayCap !== undefined && { dayCap }),
        ...(reward !== undefined && { chargeReward: reward }),
      },
    };
  });
const span = fc.integer({ min: 0, max: 4 * day });
const uses = fc
  .record({
    ...{ held: fc.integer({ min: 0, max: 60 * minute }), lasted: span, metres: money(200_000) },
    pauses: fc.array(fc.tuple(span, span), { maxLength: 6 }),
    pluggedInAt: fc.option(money(100), { nil: undefined }),
  })
  .map(({ held, lasted, pauses, metres, pluggedInAt }): Use => {
    const spans = pauses.map(([a, b]) => ({ from: noon + Math.min(a, b), to: noon + Math.max(a, b) }));
    const times = { heldAt: noon - held, startedAt: noon, endedAt: noon + lasted };
    return { ...times, metres, pauses: spans, ...(pluggedInAt !== undefined && { pluggedInAt }) };
  });

describe('of any use under any plan', () => {
  test('the lines add up to the total, which is never negative, in whole minor units, the tax within', () => {
    fc.assert(
      fc.property(uses, plans, (one, by) => {
        const { lines, total, vat } = billOf(one, by);
        expect(lines.reduce((sum, line) => sum + line.amount, 0)).toBe(total);
        for (const { quantity, price, amount } of lines) expect(amount).toBe(quantity * price);
        expect(Number.isSafeInteger(total) && total >= 0).toBe(true);
        expect(vat?.amount).toBeGreaterThanOrEqual(0);
        expect(vat?.amount).toBeLessThanOrEqual(total);
      }),
    );
  });

  test('the minutes never cost more than the cap of each 24 hours that have begun', () => {
    fc.assert(
      fc.property(uses, plans, (one, by) => {
        const { dayCap } = by.plan;
        fc.pre(dayCap !== undefined);
        const bill = billOf(one, by);
        const minutes = (['driving', 'pausing', 'day-cap'] as const).reduce(
          (sum, item) => sum + (amount(bill, item) ?? 0),
          0,
        );
        expect(minutes).toBeLessThanOrEqual((dayCap ?? 0) * Math.ceil((one.endedAt - one.startedAt) / day));
        expect(minutes).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('longer, farther and held longer is never cheaper', () => {
    fc.assert(
      fc.property(uses, plans, span, money(9_000), (one, by, longer, farther) => {
        const { total } = billOf(one, by);
        expect(billOf({ ...one, endedAt: one.endedAt + longer }, by).total).toBeGreaterThanOrEqual(total);
        expect(billOf({ ...one, metres: one.metres + farther }, by).total).toBeGreaterThanOrEqual(total);
        expect(billOf({ ...one, heldAt: one.heldAt - longer }, by).total).toBeGreaterThanOrEqual(total);
      }),
    );
  });

  test('the order in which pauses are told, and how often, changes nothing', () => {
    fc.assert(
      fc.property(uses, plans, fc.infiniteStream(fc.nat()), (one, by, ranks) => {
        const told = [...one.pauses, ...one.pauses].map((pause) => ({ pause, rank: ranks.next().value ?? 0 }));
        const pauses = told.toSorted((a, b) => a.rank - b.rank).map(({ pause }) => pause);
        expect(billOf({ ...one, pauses }, by)).toEqual(billOf(one, by));
      }),
    );
  });
});

describe('value added tax', () => {
  test('is rounded once, half a unit up', () => {
    expect(vatWithin(119, 1_900)).toBe(19);
    expect(vatWithin(100, 1_900)).toBe(16); // 15.966
    expect(vatWithin(3, 2_000)).toBe(1); // 0.5
    expect(vatWithin(0, 2_700)).toBe(0);
    for (const amount of [119, 100, 3, 1]) expect(vatWithin(-amount, 2_000)).toBe(0 - vatWithin(amount, 2_000));
  });

  test('follows the market by day', () => {
    expect(vatRate(market('DE'), '2019-12-31')).toBeUndefined();
    expect(vatRate(market('EE'), '2025-06-30')).toBe(2_200);
    expect(vatRate(market('EE'), '2025-07-01')).toBe(2_400);
    expect(vatRate(market('CH'), '2026-01-01')).toBe(810);
    expect(vatRate(market('FI'), '2026-01-01')).toBe(2_550);
  });

  test('is known for the whole Union, Great Britain, Switzerland and China', () => {
    expect(taxedMarkets).toHaveLength(27 + 3);
    for (const code of taxedMarkets) expect(marketCodes).toContain(code);
  });
});

test('what is set aside covers the fees, the package, and two hours or a capped day', () => {
  expect(depositOf(plan)).toBe(100 + 3_480);
  expect(depositOf({ ...plan, dayCap: 2_000 }, 'evening')).toBe(100 + 2_500 + 2_000);
});
