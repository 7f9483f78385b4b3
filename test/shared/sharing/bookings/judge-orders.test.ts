import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { History, Operation } from '../../../support/bookings/history.ts';
import { judge } from '../../../support/bookings/judge.ts';
import { isRelease } from '../../../support/bookings/releases.ts';
import { suddenHistories, trueHistories } from '../../../support/bookings/true-course.ts';

test('what was really so is innocent, however long each was on its way, and whatever answers were lost', () => {
  const isInnocent = (history: History) => {
    expect(judge(history)).toEqual([]);
  };
  fc.assert(fc.property(trueHistories, isInnocent), { numRuns: 500 });
});

test('who gets a car that nobody gave back is found, where everything was answered at once', () => {
  let altered = 0;
  const isFound = (history: History) => {
    const without = withoutARelease(history);
    if (without === undefined) return;
    altered += 1;
    expect(judge(without).map(({ rule }) => rule)).toContain('two-holders');
  };
  fc.assert(fc.property(suddenHistories, isFound), { numRuns: 500 });
  expect(altered).toBeGreaterThan(20);
});

/** As if one had not been told of that made room for the next. */
function withoutARelease(history: History): History | undefined {
  const { operations } = history;
  for (const [place, one] of operations.entries()) {
    if (!isRelease(one) || one.reservation === undefined) continue;
    const held = operations.find(({ reservation }) => reservation === one.reservation);
    const next = operations.slice(place).find((other) => isNewHold(operations, other) && other.car === one.car);
    // Before any hold is over.
    if (held === undefined || next === undefined || next.invokedAt - held.invokedAt > 80) continue;
    return { ...history, operations: operations.filter((other) => other !== one) };
  }
  return undefined;
}

function isNewHold(all: readonly Operation[], one: Operation): boolean {
  return one.outcome === 'done' && all.find(({ operation, key }) => operation === 'hold' && key === one.key) === one;
}
