import fc from 'fast-check';
import { type Place, places, replaced, valueAt } from './json-places.ts';

/** A JSON value with one place bent, by whatever somebody might hope to get through with. */
export interface Bent {
  readonly place: Place;
  readonly by: unknown;
  readonly value: unknown;
}

export function bent(value: unknown): fc.Arbitrary<Bent> {
  return fc
    .constantFrom(...places(value))
    .chain((place) =>
      temptation(valueAt(value, place)).map((by) => ({ place, by, value: replaced(value, place, by) })),
    );
}

function temptation(value: unknown): fc.Arbitrary<unknown> {
  const anything = [fc.constantFrom(undefined, null, {}, [], '', 'x', 0, true), fc.jsonValue()];
  if (typeof value === 'string') return fc.oneof(...anything, { weight: 4, arbitrary: textLike(value) });
  if (typeof value === 'number') return fc.oneof(...anything, { weight: 4, arbitrary: numberLike(value) });
  if (Array.isArray(value))
    return fc.oneof(...anything, fc.constant([...value, ...value]), fc.constant(value.slice(1)));
  return fc.oneof(...anything);
}

function textLike(text: string): fc.Arbitrary<string> {
  const flipped = fc.nat({ max: Math.max(0, text.length - 1) }).map((at) => {
    const other = text[at] === '0' ? '1' : '0';
    return text.slice(0, at) + other + text.slice(at + 1);
  });
  const dates = fc.constantFrom('2000-01-01T00:00:00Z', '2099-01-01T00:00:00Z', '2099-01-01T00:00:00.000Z');
  return fc.oneof(flipped, dates, fc.constantFrom(`${text}x`, text.toUpperCase(), `../${text}`, text.slice(1)));
}

function numberLike(value: number): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(value + 1, value - 1, -value, value + 0.5, 0, 1, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER),
    fc.integer(),
  );
}
