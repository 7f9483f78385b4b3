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
  expect(findings({ unlockFee: 0, perMinute: 0, pausePerMinute: 0, perKilometre: 0, packages: [] })).toEqual([]);
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
  const free = { unlockFee: 0, packages: [] };
  expect(findings({ ...free, dayCap: 28 })).toEqual(['day-cap-below-minute /dayCap']);
  expect(findings({ ...free, dayCap: 29 })).toEqual([]);
});

test('a day costs no less than unlocking once', () => {
  expect(findings({ unlockFee: 7_000 })).toEqual(['day-cap-below-fee /dayCap']);
  expect(findings({ unlockFee: 6_900 })).toEqual([]);
});

test('a pause is no dearer than driving, unless driving is paid by the kilometre alone', () => {
  expect(findings({ pausePerMinute: 30 })).toEqual(['pause-dearer-than-driving /pausePerMinute']);
  expect(findings({ pausePerMinute: 29 })).toEqual([]);
  expect(findings({ perMinute: 0, perKilometre: 0, packages: [] })).toEqual([
    'pause-dearer-than-driving /pausePerMinute',
  ]);
  expect(findings({ perMinute: 0, packages: [] })).toEqual([]);
});

test('a package costs no more than what is in it ever would without it', () => {
  const costing = (price: number, rest: Partial<PlanContent> = {}) =>
    findings({ packages: [{ ...samplePackage(), price }], ...rest });
  // 240 minutes at 29, which is above the cap of a day, and 80 km at 19.
  expect(costing(6_900 + 80 * 19)).toEqual([]);
  expect(costing(6_900 + 80 * 19 + 1)).toEqual(['package-dearer-than-without /packages/0/price']);
  const { dayCap: _, ...uncapped } = plan;
  const found = planFindings({ ...uncapped, packages: [{ ...samplePackage(), price: 8_481 }] }, 'EUR');
  expect(found.map(({ detail }) => detail)).toEqual([
    'It would cost 8481; without it, its minutes and kilometres cost 8480 at the most.',
  ]);
  const days = { ...samplePackage(), minutes: 2 * 1_440 + 1, kilometres: 0 };
  expect(findings({ packages: [{ ...days, price: 2 * 6_900 + 29 }] })).toEqual([]);
  expect(findings({ packages: [{ ...days, price: 2 * 6_900 + 30 }] })).toEqual([
    'package-dearer-than-without /packages/0/price',
  ]);
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
