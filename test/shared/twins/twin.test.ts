import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, difference, isSettings, merged, twinOf } from '#shared/twins/twin.ts';

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('tree')),
  ),
}));
const settings = fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree);

describe('the difference of desired and reported', () => {
  test.each([
    [{ l: { r: 1, g: 2 } }, { l: { r: 1, g: 0 } }, { l: { g: 2 } }],
    [{ c: [1, 2] }, { c: [2, 1] }, { c: [1, 2] }],
    [{ a: 1 }, { a: 1, b: 2 }, undefined],
    [{ a: { b: 1 } }, { a: 5 }, { a: { b: 1 } }],
    [{}, { x: 1 }, undefined],
    [{ a: {} }, {}, { a: {} }],
    [{ a: {} }, { a: { b: 1 } }, undefined],
  ])('of %j and %j is %j', (desired, reported, delta) => {
    expect(difference(desired, reported)).toEqual(delta);
  });

  test('is gone once the vehicle reports it', () => {
    fc.assert(
      fc.property(settings, settings, (desired, reported) => {
        const delta = difference(desired, reported);
        expect(difference(desired, delta === undefined ? reported : merged(reported, delta))).toBeUndefined();
      }),
    );
  });
});

test.each([
  [
    { a: 1, b: { c: 2, d: 3 } },
    { b: { c: null }, e: 4 },
    { a: 1, b: { d: 3 }, e: 4 },
  ],
  [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
  [{ a: 1 }, { a: { b: null } }, { a: {} }],
  [{ a: 1 }, { a: null, b: null }, {}],
])('the merge patch of %j with %j gives %j', (before, patch, after) => {
  expect(merged(before, patch)).toEqual(after);
});

test('equal settings have one canonical text, whatever the order of their members', () => {
  fc.assert(
    fc.property(settings, (value) => {
      expect(canonical(reversed(value))).toBe(canonical(value));
      expect(JSON.parse(canonical(value))).toEqual(value);
    }),
  );
});

test('a twin is apart since its oldest open wish, and converged since the last word', () => {
  const document = {
    desired: { a: 1, b: { c: 2 } },
    reported: { a: 1 },
    desiredAt: { a: 10, b: { c: 20 } },
    reportedAt: { a: 30 },
  };
  expect(twinOf('t', { ...document, revision: '1' })).toMatchObject({ converged: false, since: 20 });
  const reported = { a: 1, b: { c: 2 } };
  expect(twinOf('t', { ...document, reported, reportedAt: { a: 30, b: { c: 25 } }, revision: '2' })).toMatchObject({
    converged: true,
    since: 30,
  });
  expect(twinOf('t', { desired: {}, reported, desiredAt: {}, reportedAt: {}, revision: '1' })).not.toHaveProperty(
    'since',
  );
});

function reversed(value: unknown): unknown {
  if (!isSettings(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
