import { expect, test } from 'vitest';
import { planFindings } from '#shared/sharing/prices/plan-checks.ts';
import type { PlanContent } from '#shared/sharing/prices/plan-order.ts';
import { planContent, planContentOf } from '#shared/sharing/prices/plan-order.ts';
import { samplePlan } from '../../support/sharing-city.ts';

const plan = planContentOf(samplePlan);
const findings = (changes: Partial<PlanContent>, currency = 'EUR') =>
  planFindings({ ...plan, ...changes }, currency).map(({ code, pointer }) => `${code} ${pointer}`);

test('a plan with plausible prices is taken, also a free one, and one in a weak currency', () => {
  expect(findings({})).toEqual([]);
  expect(findings({ unlockFee: 0, perMinute: 0, pausePerMinute: 0, perKilometre: 0 })).toEqual([]);
  expect(findings({ currency: 'HUF', perMinute: 12_000, dayCap: 2_500_000 }, 'HUF')).toEqual([]);
});

test('a price below nothing, in fractions of a cent, or in euros where cents are meant has a name each', () => {
  expect(findings({ perMinute: -1, packages: [{ ...samplePackage(), price: -5 }] })).toEqual([
    'price-negative /perMinute',
    'price-negative /packages/0/price',
  ]);
  expect(findings({ perKilometre: 0.19 })).toEqual(['price-not-whole /perKilometre']);
  expect(findings({ perMinute: 2_900 })).toEqual(['price-absurd /perMinute']);
  const [absurd] = planFindings({ ...plan, perMinute: 2_900 }, 'EUR');
  expect(absurd?.detail).toBe('2900 is 29.00 EUR; 500, which is 5.00 EUR, is the most.');
  expect(findings({ hold: { freeMinutes: 15, perMinute: 2_000 }, dayCap: 690_000 })).toEqual([
    'price-absurd /dayCap',
    'price-absurd /hold/perMinute',
  ]);
  expect(findings({ chargeReward: { amount: 1e300, belowPercent: 20 } })).toEqual([
    'price-not-whole /chargeReward/amount',
  ]);
});

test('the system’s currency is the one of all its plans', () => {
  expect(findings({ currency: 'CHF' })).toEqual(['currency-other /currency']);
});

test('a day costs no less than a minute of it', () => {
  expect(findings({ dayCap: 28 })).toEqual(['day-cap-below-minute /dayCap']);
  expect(findings({ dayCap: 29 })).toEqual([]);
});

test('packages have names of their own, and something in them', () => {
  const [one, other] = [samplePackage(), { ...samplePackage(), minutes: 0, kilometres: 0 }];
  expect(findings({ packages: [one, other] })).toEqual([
    'package-twice /packages/1/packageId',
    'package-empty /packages/1',
  ]);
});

test('what is no plan at all does not come so far', () => {
  for (const broken of [
    { perMinute: '29' },
    { currency: 'euro' },
    { hold: {} },
    { planId: 'By Minute' },
    { free: true },
  ]) {
    expect(planContent.safeParse({ ...plan, ...broken }).success).toBe(false);
  }
});

function samplePackage() {
  return { packageId: 'evening', name: 'Evening', price: 1_900, minutes: 240, kilometres: 80 };
}
