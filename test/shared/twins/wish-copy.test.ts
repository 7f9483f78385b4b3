import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSettings, merged, type Settings, type Stamps } from '#shared/twins/twin.ts';
import { type Copied, followed } from '#shared/twins/wish-copy.ts';

const leaf = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('a', 'b'), fc.constant([1]));
const key = fc.constantFrom('x', 'y', 'z');
const { settings } = fc.letrec<{ settings: Settings; value: unknown }>((tie) => ({
  settings: fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('settings')),
}));

function stampsOf(value: unknown, at: number): unknown {
  if (!isSettings(value)) return at;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, stampsOf(inner, at)]));
}

function stated(desired: Settings, at: number): { desired: Settings; desiredAt: Stamps } {
  const stamps = stampsOf(desired, at);
  return { desired, desiredAt: isSettings(stamps) ? stamps : {} };
}

/** What is left of settings without the objects that hold nothing. */
function substance(value: unknown): unknown {
  if (!isSettings(value)) return value;
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const left = substance(inner);
    return left === undefined ? [] : [[name, left] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function become(copied: Copied | undefined, source: Settings, target: Settings, at: number): Settings {
  return merged(target, followed(copied, source, stated(target, at)) ?? {});
}

test('the new place follows whatever is desired in the former one, also where the copying broke off', () => {
  fc.assert(
    fc.property(settings, settings, settings, fc.boolean(), (first, second, third, wasWritten) => {
      const copied = { settings: first, at: 1_000 };
      expect(substance(become(undefined, first, {}, 0))).toEqual(substance(first));
      const after = become(copied, second, first, 1_000);
      expect(substance(after)).toEqual(substance(second));
      // It died before or after it wrote what it was about to write; what it wrote is newer than its record.
      const pending = { ...copied, pending: [second] };
      const left = wasWritten ? after : first;
      expect(substance(become(pending, third, left, wasWritten ? 9_000 : 1_000))).toEqual(substance(third));
    }),
    { numRuns: 500 },
  );
});

test('what has been stated in the new place since then stays, also where it says what was copied', () => {
  const copied = { settings: { cabin: { degrees: 21, seat: 1 } }, at: 1_000 };
  const source = { cabin: { degrees: 22, seat: 2 } };
  expect(followed(copied, source, stated({ cabin: { degrees: 19, seat: 1 } }, 1_000))).toEqual({ cabin: { seat: 2 } });
  const again = { desired: copied.settings, desiredAt: { cabin: { degrees: 60_000, seat: 1_000 } } };
  expect(followed(copied, source, again)).toEqual({ cabin: { seat: 2 } });
});

test('what is taken back in the former place is taken back in the new one, unless it was stated anew', () => {
  const copied = { settings: { cabin: { degrees: 21 }, light: 1 }, at: 1_000 };
  expect(followed(copied, {}, stated(copied.settings, 1_000))).toEqual({ cabin: null, light: null });
  const anew = { desired: copied.settings, desiredAt: { cabin: { degrees: 60_000 }, light: 1_000 } };
  expect(followed(copied, {}, anew)).toEqual({ light: null });
});
