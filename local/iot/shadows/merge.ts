import { isObject, type Json, type JsonObject, member } from './json.ts';

/**
 * Merges a patch into one section of a shadow: null removes, objects merge, everything else (arrays too)
 * replaces. An object emptied by nulls stays as `{}`; a new one made only of nulls is not created.
 */
export function merge(stored: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(stored));
  for (const [key, value] of Object.entries(patch)) {
    const before = member(stored, key);
    const after = isObject(value) && isObject(before) ? merge(before, value) : withoutNulls(value);
    if (after === undefined) merged.delete(key);
    else merged.set(key, after);
  }
  // fromEntries defines own properties, so that a key named __proto__ is a key like any other.
  return Object.fromEntries(merged);
}

/** The value without members that are null, or `undefined` where nothing but nulls was said. */
export function withoutNulls(value: Json): Json | undefined {
  if (value === null) return undefined;
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  const kept = entries.flatMap(([key, inner]): [string, Json][] => {
    const rest = withoutNulls(inner);
    return rest === undefined ? [] : [[key, rest]];
  });
  return kept.length === 0 && entries.length > 0 ? undefined : Object.fromEntries(kept);
}
