import { equal, isObject, type Json, type JsonObject, member } from './json.ts';

/**
 * What is desired and not yet reported: a key that is missing or different, objects by their differing
 * members, arrays as wholes. What only the device reports is no difference.
 */
export function delta(desired: JsonObject, reported: JsonObject): JsonObject {
  const differing = Object.entries(desired).flatMap(([key, wanted]): [string, Json][] => {
    const actual = member(reported, key);
    if (actual === undefined) return [[key, wanted]];
    if (isObject(wanted) && isObject(actual)) {
      const inner = delta(wanted, actual);
      return Object.keys(inner).length === 0 ? [] : [[key, inner]];
    }
    return equal(wanted, actual) ? [] : [[key, wanted]];
  });
  return Object.fromEntries(differing);
}

/** The timestamps of the desired values that stand in the difference. */
export function deltaMetadata(difference: JsonObject, desired: JsonObject, metadata: JsonObject): JsonObject {
  const stamps = Object.entries(difference).flatMap(([key, value]): [string, Json][] => {
    const stamped = member(metadata, key);
    const wanted = member(desired, key);
    if (stamped === undefined) return [];
    if (isObject(value) && isObject(wanted) && isObject(stamped)) return [[key, deltaMetadata(value, wanted, stamped)]];
    return [[key, stamped]];
  });
  return Object.fromEntries(stamps);
}
