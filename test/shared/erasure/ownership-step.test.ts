import { expect, test } from 'vitest';
import { isWithin } from '#shared/erasure/erasure.ts';
import { spansOf } from '#shared/erasure/ownership-step.ts';
import { aPersonId, aVehicleId } from '../../contract/samples.ts';

const second = 1_000;
const day = 24 * 3_600 * second;

test('what was measured while somebody owned a car is theirs, also where its clock is seconds off', () => {
  const [one, other] = [aPersonId(), aPersonId()];
  const changes = [
    { to: one, at: 10 * day },
    { from: one, to: other, at: 20 * day },
  ];
  const spans = spansOf(one, aVehicleId(), changes, 30 * day);
  const theirs = (at: number) => spans.some((span) => isWithin(at, span));
  expect([9 * day, 10 * day - 2 * second, 15 * day, 20 * day + 2 * second, 21 * day].map(theirs)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});
