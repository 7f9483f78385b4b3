import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf, hourOf, localTime } from '#shared/sharing/field/local-hour.ts';
import { hoursOf, summed } from '#shared/sharing/field/tally.ts';

const hour = 3_600_000;
const zones = ['Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Auckland'];

test.each([
  ['spring', '2026-03-29', 23],
  ['autumn', '2026-10-25', 25],
  ['any other day', '2026-11-22', 24],
])('in Berlin %s has a day of the hours that it has', (_, day, hours) => {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const start = dayOf('Europe/Berlin', noon);
  const end = dayOf('Europe/Berlin', start + 26 * hour);
  expect(end - start).toBe(hours * hour);
  expect(localTime('Europe/Berlin', start)).toMatch(new RegExp(`^${day}T00:00\\+0[12]:00$`));
  const counted = hoursOf('Europe/Berlin', { as: 'available', from: start, to: end });
  expect(counted).toHaveLength(hours);
  expect(new Set(counted.map((one) => one.hour)).size).toBe(hours);
});

test('each millisecond counts in one hour, wherever and whenever that is', () => {
  const at = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
  const span = fc.record({ zone: fc.constantFrom(...zones), from: at, ms: fc.integer({ min: 0, max: 60 * hour }) });
  fc.assert(
    fc.property(span, ({ zone, from, ms }) => {
      const counted = hoursOf(zone, { as: 'idle', from, to: from + ms });
      expect(counted.reduce((sum, { tally }) => sum + (tally.idle ?? 0), 0)).toBe(ms);
      for (const one of counted) {
        expect(one.tally.idle).toBeGreaterThan(0);
        expect(one.tally.idle).toBeLessThanOrEqual(hour);
        expect(hourOf(zone, one.hour)).toBe(one.hour);
      }
      expect(summed(counted).length).toBeLessThanOrEqual(counted.length);
    }),
  );
});
