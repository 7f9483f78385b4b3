import { expect, test } from 'vitest';
import { Doubt } from '#device-sdk/doubt.ts';

const minute = 60_000;

/** The minutes at which a vehicle that is refused each half minute does something about it. */
function actsAt(doubt: Doubt, minutes: number): number[] {
  return Array.from({ length: minutes * 2 }, (_, half) => half / 2).filter((at) => doubt.refused(at * minute));
}

test('an identity is doubted after minutes of refusals, and then ever more rarely', () => {
  expect(actsAt(new Doubt(false), 24)).toEqual([3, 9.5, 22]);
});

test('a few refusals are no reason, however long they lie apart', () => {
  const doubt = new Doubt(false);
  expect([0, 60, 120, 180].map((at) => doubt.refused(at * minute))).toEqual([false, false, false, false]);
});

test('an identity that was once accepted is never doubted', () => {
  const doubt = new Doubt(false);
  expect([doubt.dispel(), doubt.dispel()]).toEqual([true, false]);
  expect(actsAt(doubt, 600)).toEqual([]);
  expect(actsAt(new Doubt(true), 600)).toEqual([]);
});

test('where the cloud knows a vehicle again, one that it accepted is doubted after an hour, and then once a day', () => {
  const hours = actsAt(new Doubt(true, true), 60 * 100).map((at) => Math.round(at / 60));
  expect(hours).toEqual([1, 3, 7, 15, 31, 55, 79]);
  const doubt = new Doubt(false, true);
  expect(actsAt(doubt, 24)).toEqual([3, 9.5, 22]);
  doubt.dispel();
  expect(actsAt(doubt, 90)).toEqual([60]);
});

test('what was refused before it was accepted again counts no more', () => {
  const doubt = new Doubt(true, true);
  for (const at of [0, 1, 2, 3]) doubt.refused(at * minute);
  doubt.dispel();
  expect(doubt.refused(600 * minute)).toBe(false);
});
