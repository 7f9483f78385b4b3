import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delta, deltaMetadata } from '#local/iot/shadows/delta.ts';
import { isArray, isObject, type Json, type JsonObject } from '#local/iot/shadows/json.ts';
import { merge } from '#local/iot/shadows/merge.ts';
import { mergeMetadata } from '#local/iot/shadows/metadata.ts';

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'timestamp');
const leaf = fc.constantFrom<Json>(0, 1, 'x', true, false);

/** Few keys and few values, so that collisions are the rule. */
function section(withNulls: boolean): fc.Arbitrary<JsonObject> {
  const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      withNulls ? fc.oneof(leaf, fc.constant<Json>(null)) : leaf,
      fc.array(leaf, { maxLength: 3 }),
      tie('object'),
    ),
    object: fc
      .array(fc.tuple(key, tie('value')), { maxLength: 4 })
      .map((entries): JsonObject => Object.fromEntries(entries)),
  }));
  return object;
}

/** Where the leaves are, in a state or in its metadata. */
function shape(value: Json): unknown {
  if (isArray(value)) return value.map(shape);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]));
  return 'leaf';
}

function metadataShape(metadata: Json, state: Json): unknown {
  if (isArray(metadata) && isArray(state)) return metadata.map((item, i) => metadataShape(item, state[i] ?? null));
  if (isObject(metadata) && isObject(state)) {
    return Object.fromEntries(
      Object.entries(metadata).map(([name, inner]) => [name, metadataShape(inner, state[name] ?? null)]),
    );
  }
  return isObject(metadata) && typeof metadata['timestamp'] === 'number' ? 'leaf' : 'no leaf';
}

test('merging the same patch again changes nothing', () => {
  fc.assert(
    fc.property(section(false), section(true), (stored, patch) => {
      const once = merge(stored, patch);
      expect(merge(once, patch)).toEqual(once);
    }),
  );
});

test('reporting the difference leaves no difference', () => {
  fc.assert(
    fc.property(section(false), section(false), (desired, reported) => {
      expect(delta(desired, merge(reported, delta(desired, reported)))).toEqual({});
    }),
  );
});

test('there is no difference between equal sections', () => {
  fc.assert(
    fc.property(section(false), (desired) => {
      expect(delta(desired, desired)).toEqual({});
    }),
  );
});

test('every leaf of a merged state has its time, and nothing else has', () => {
  fc.assert(
    fc.property(section(true), section(true), (first, second) => {
      const stored = merge({}, first);
      const stamps = mergeMetadata({}, {}, first, 1);
      const state = merge(stored, second);
      const metadata = mergeMetadata(stamps, stored, second, 2);
      expect(metadataShape(metadata, state)).toEqual(shape(state));
    }),
  );
});

test('the times of a difference stand at the same places as the difference', () => {
  fc.assert(
    fc.property(section(false), section(false), (desired, reported) => {
      const difference = delta(desired, reported);
      const metadata = mergeMetadata({}, {}, desired, 1);
      expect(metadataShape(deltaMetadata(difference, desired, metadata), difference)).toEqual(shape(difference));
    }),
  );
});
