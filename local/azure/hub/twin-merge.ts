import { isObject, type Json, type JsonObject, member } from '#local/iot/shadows/json.ts';

/**
 * Merges a patch into a section of a twin: null deletes a key, objects merge, everything else (arrays too) replaces
 * whole. Source: "Understand and use device twins", back-end operations.
 */
export function mergeTwin(stored: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(stored));
  for (const [key, value] of Object.entries(patch)) {
    const before = member(stored, key);
    if (value === null) merged.delete(key);
    else if (isObject(value)) merged.set(key, mergeTwin(isObject(before) ? before : {}, value));
    else merged.set(key, value);
  }
  // fromEntries defines own properties, so that a key named __proto__ is a key like any other.
  return Object.fromEntries(merged);
}

/** A removed key leaves its trace at its parent, which was updated by the removal. */
export function mergeMetadata(stored: JsonObject, patch: JsonObject, stamp: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(stored));
  for (const [name, value] of Object.entries(stamp)) merged.set(name, value);
  for (const [key, value] of Object.entries(patch)) {
    const before = member(stored, key);
    if (value === null) merged.delete(key);
    else
      merged.set(
        key,
        mergeMetadata(isObject(value) && isObject(before) ? before : {}, isObject(value) ? value : {}, stamp),
      );
  }
  return Object.fromEntries(merged);
}
