import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import type { Settings } from '#shared/twins/twin.ts';
import { requireAcceptable, twinLimits } from '#shared/twins/twin-limits.ts';

function refusalOf(patch: Settings | null): Failure | undefined {
  try {
    requireAcceptable(patch);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function nested(levels: number): Settings {
  return levels === 1 ? { a: 1 } : { a: nested(levels - 1) };
}

describe('settings that every device cloud takes', () => {
  test.each<readonly [string, Settings | null]>([
    ['none at all', null],
    ['nothing', {}],
    ['a removal', { climate: null }],
    ['names with colons, dashes and umlauts', { 'a:b-c_d': 1, grün: true }],
    ['as deep as may be', nested(twinLimits.depth)],
    ['a long text', { note: 'x'.repeat(twinLimits.textBytes) }],
    ['the largest whole number', { at: twinLimits.whole, below: -twinLimits.whole, part: 0.5 }],
    ['lists of lists', { hours: [[1, 2], [{ from: 3 }]] }],
  ])('are taken: %s', (_, patch) => {
    expect(refusalOf(patch)).toBeUndefined();
  });
});

describe('settings that some device cloud refuses', () => {
  test.each<readonly [string, Settings, string, string]>([
    ['a dot in a name', { climate: { 'seat.left': 1 } }, '/desired/climate/seat.left', 'dot'],
    ['a dollar in a name', { $version: 1 }, '/desired/$version', 'dollar'],
    ['a space in a name', { 'a b': 1 }, '/desired/a b', 'space'],
    ['a control character in a name', { 'a\u0000': 1 }, '/desired/a\u0000', 'control'],
    ['a name that is none', { '': 1 }, '/desired/', 'no name'],
    ['a name that is too long', { ['x'.repeat(twinLimits.keyBytes + 1)]: 1 }, '/desired/x', 'longer than 128'],
    ['a slash in a name, which a pointer escapes', { 'a/b': { 'c.d': 1 } }, '/desired/a~1b/c.d', 'dot'],
    ['a text that is too long', { a: { note: 'ü'.repeat(2049) } }, '/desired/a/note', '4096'],
    ['a number that is too large', { at: twinLimits.whole + 1 }, '/desired/at', 'whole number'],
    ['a null in a list', { hours: [1, null] }, '/desired/hours', 'null'],
    ['too deep', nested(twinLimits.depth + 1), '/desired/a/a/a/a/a/a', 'nested'],
    ['too deep in lists', { a: [[[[[[1]]]]]] }, '/desired/a/0/0/0/0/0', 'nested'],
    ['a fault inside a list', { a: [{ 'b.c': 1 }] }, '/desired/a/0/b.c', 'dot'],
  ])('are refused, and named: %s', (_, patch, pointer, detail) => {
    const refusal = refusalOf(patch);
    expect(refusal).toMatchObject({ kind: 'invalid', code: 'twin-not-acceptable' });
    expect(refusal?.errors?.[0]?.pointer.startsWith(pointer)).toBe(true);
    expect(refusal?.errors?.[0]?.detail).toContain(detail);
  });

  test('are refused for their size before anything else is said of them', () => {
    expect(refusalOf({ note: 'x'.repeat(9_000) })).toMatchObject({ kind: 'too-large', code: 'twin-too-large' });
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`key${index}`, 'value']));
    expect(refusalOf(many)).toMatchObject({ code: 'twin-too-large' });
  });

  test('are refused without being followed to their end: nested beyond measure', () => {
    const patch: Settings = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    expect(refusalOf(patch)).toMatchObject({ code: 'twin-not-acceptable' });
  });
});

test('whatever comes is taken or refused, and never breaks the judge', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 8 })), (patch) => {
      const refusal = refusalOf(patch);
      if (refusal !== undefined) expect(['twin-not-acceptable', 'twin-too-large']).toContain(refusal.code);
    }),
  );
});
