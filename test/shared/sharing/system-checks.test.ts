import fc from 'fast-check';
import { expect, test } from 'vitest';
import { currencyOf } from '#shared/sharing/prices/market-currency.ts';
import { taxedMarkets } from '#shared/sharing/prices/vat.ts';
import { isOpen } from '#shared/sharing/setup/opening-hours.ts';
import type { OpeningHours } from '#shared/sharing/setup/system.ts';
import { systemFindings } from '#shared/sharing/setup/system-checks.ts';
import { contentOf } from '#shared/sharing/setup/system-order.ts';
import { electricCar, marketNamed, sampleSystem } from '../../support/sharing-city.ts';

const { market, currency } = sampleSystem;
const system = { ...contentOf(sampleSystem), market, currency };
const findings = (changes: Partial<typeof system>) =>
  systemFindings({ ...system, ...changes }).map(({ code, pointer }) => `${code} ${pointer}`);

test('a sound system is taken', () => {
  expect(findings({})).toEqual([]);
});

test('a time zone, a currency and a market that nobody can reckon with are named', () => {
  expect(findings({ timeZone: 'Europe/Bärlin' })).toEqual(['time-zone-unknown /timeZone']);
  expect(findings({ timeZone: '+01:00' })).toEqual(['time-zone-unknown /timeZone']);
  expect(findings({ currency: 'EUX' })).toEqual(['currency-not-usable /currency']);
  expect(findings({ market: marketNamed('US') })).toEqual(['market-not-taxed /market']);
});

test('a market is charged in its own currency: each that is taxed has one, and another is refused', () => {
  const [foreign] = systemFindings({ ...system, currency: 'GBP' });
  expect(foreign).toMatchObject({ code: 'currency-not-usable', detail: 'DE is charged in EUR, not in GBP.' });
  for (const code of taxedMarkets) expect(currencyOf(marketNamed(code))).toMatch(/^[A-Z]{3}$/);
  expect(['GB', 'CH', 'CN', 'SE', 'HR', 'US'].map((code) => currencyOf(marketNamed(code)))).toEqual([
    ...['GBP', 'CHF', 'CNY', 'SEK', 'EUR', undefined],
  ]);
});

test('bounds that are no city are named: turned round, in another order, as large as a country', () => {
  for (const bounds of [
    [13.8, 52.3, 13, 52.7],
    [13, 52.7, 13.8, 52.3],
    [13, 52.3, 190, 52.7],
    [5.8, 47.2, 15.1, 55.1],
    [52.3, 13, 52.7, 93],
  ] as const) {
    expect(findings({ bounds: [...bounds] })).toEqual(['bounds-not-usable /bounds']);
  }
});

test('bounds with latitude first are named, with the order that they should have', () => {
  const [swapped] = systemFindings({ ...system, bounds: [52.33, 13.05, 52.68, 13.77] });
  expect(swapped).toMatchObject({ code: 'bounds-not-usable', pointer: '/bounds' });
  expect(swapped?.detail).toMatch(/look swapped: .* of DE would be \[13\.05, 52\.33, 13\.77, 52\.68\]/);
  const cities = [
    ['CY', 33.2, 35, 33.5, 35.3],
    ['ES', -16.6, 28, -16.1, 28.6],
    ['GB', -0.5, 51.3, 0.3, 51.7],
    ['CN', 75.8, 39.3, 76.3, 39.6],
    ['CN', 116.1, 39.7, 116.7, 40.1],
  ] as const;
  for (const [code, west, south, east, north] of cities) {
    const market = marketNamed(code);
    const its = { market, currency: currencyOf(market) ?? '' };
    expect(findings({ ...its, bounds: [west, south, east, north] })).toEqual([]);
    expect(findings({ ...its, bounds: [south, west, north, east] })).toEqual(['bounds-not-usable /bounds']);
  }
});

test('hours that never open, types that are there twice, cars without licence or range are named', () => {
  expect(findings({ openingHours: {} })).toEqual(['opening-hours-not-usable /openingHours']);
  expect(findings({ openingHours: { 6: { from: 1080, to: 120 } } })).toEqual([
    'opening-hours-not-usable /openingHours/6',
  ]);
  const { licence: _, maxRangeMeters: __, ...bare } = electricCar;
  expect(findings({ vehicleTypes: [electricCar, bare] })).toEqual([
    'vehicle-type-twice /vehicleTypes/1/vehicleTypeId',
    'licence-not-usable /vehicleTypes/1/licence',
    'range-missing /vehicleTypes/1/maxRangeMeters',
  ]);
});

const open = (openingHours: OpeningHours, time: string, timeZone = 'Europe/Berlin') =>
  isOpen({ openingHours, timeZone }, Date.parse(time));

test('opening hours are those of the clock on the city’s walls, in summer and in winter', () => {
  const weekdays: OpeningHours = { 1: { from: 360, to: 1380 } };
  // Mondays; Berlin is two hours ahead of UTC in July, one in January.
  expect([open(weekdays, '2026-07-06T03:59:59Z'), open(weekdays, '2026-07-06T04:00:00Z')]).toEqual([false, true]);
  expect([open(weekdays, '2026-01-05T04:59:59Z'), open(weekdays, '2026-01-05T05:00:00Z')]).toEqual([false, true]);
  expect([open(weekdays, '2026-01-05T21:59:59Z'), open(weekdays, '2026-01-05T22:00:00Z')]).toEqual([true, false]);
  expect(open(weekdays, '2026-01-06T12:00:00Z')).toBe(false);
  // Monday has begun in Tokyo while it is Sunday in Berlin.
  expect(open(weekdays, '2026-01-04T23:00:00Z', 'Asia/Tokyo')).toBe(true);
});

test('the hour that summer skips is not open, the one that comes twice is open twice', () => {
  const night: OpeningHours = { 7: { from: 120, to: 180 } };
  const hour = (day: string) => [0, 1, 2].map((h) => open(night, `${day}T0${h}:30:00Z`));
  expect(hour('2026-03-29')).toEqual([false, false, false]);
  expect(hour('2026-10-25')).toEqual([true, true, false]);
  expect(hour('2026-10-18')).toEqual([true, false, false]);
});

test('a day that reaches midnight is open to its last minute, and always is always', () => {
  const all = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, { from: 0, to: 1440 }]));
  fc.assert(
    fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }), (date) => {
      const [timeZone, now] = ['Europe/Lisbon', date.getTime()];
      expect([isOpen({ openingHours: all, timeZone }, now), isOpen({ openingHours: '24/7', timeZone }, now)]).toEqual([
        true,
        true,
      ]);
    }),
    { numRuns: 50 },
  );
});
