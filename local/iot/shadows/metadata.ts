import { isArray, isObject, type Json, type JsonObject, member } from './json.ts';
import { withoutNulls } from './merge.ts';

/** The shape of the value with `{timestamp}` at each leaf; a null is a leaf too (so answers name it). */
export function stamp(value: Json, timestamp: number): Json {
  if (isArray(value)) return value.map((item) => stamp(item, timestamp));
  if (!isObject(value)) return { timestamp };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stamp(inner, timestamp)]));
}

/**
 * Restamps the leaves that the patch names and forgets those that it removes. The stored state decides
 * what is a leaf: in metadata alone, `{"timestamp":1}` could be a leaf or an object with such a member.
 */
export function mergeMetadata(
  metadata: JsonObject,
  stored: JsonObject,
  patch: JsonObject,
  timestamp: number,
): JsonObject {
  const merged = new Map<string, Json>(Object.entries(metadata));
  for (const [key, value] of Object.entries(patch)) {
    const before = member(stored, key);
    const stampsBefore = member(metadata, key);
    if (isObject(value) && isObject(before)) {
      merged.set(key, mergeMetadata(isObject(stampsBefore) ? stampsBefore : {}, before, value, timestamp));
      continue;
    }
    const kept = withoutNulls(value);
    if (kept === undefined) merged.delete(key);
    else merged.set(key, stamp(kept, timestamp));
  }
  return Object.fromEntries(merged);
}
