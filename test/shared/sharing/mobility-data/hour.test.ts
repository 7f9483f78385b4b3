import { expect, test } from 'vitest';
import { hourLength, hourOf, settling, stateOfHour } from '#shared/sharing/mobility-data/hour.ts';

const hour = Date.UTC(2026, 10, 22, 19);
const end = hour + hourLength;

test.each([
  ['ahead', end - 1, hour],
  ['ahead', hour - 1, undefined],
  ['settling', end, hour],
  ['settling', end + settling - 1, hour],
  ['complete', end + settling, end - 1],
  ['before', end + settling, end],
  ['before', end, undefined],
] as const)('an hour is %s at %d where the city was told of first at %s', (state, now, since) => {
  expect(stateOfHour(hour, since, now)).toBe(state);
});

test('an hour is one that there is, in UTC', () => {
  expect(hourOf('2026-11-22T19')).toBe(hour);
  for (const none of ['2026-11-22', '2026-11-22T24', '2026-02-30T10', '2026-11-22T19Z', '2026-11-22T19:00', ' ', '']) {
    expect(hourOf(none), none).toBeUndefined();
  }
});
