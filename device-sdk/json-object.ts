import { isDeepStrictEqual } from 'node:util';

export type JsonObject = { readonly [name: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Merges as the clouds merge twins: objects by member, everything else as a whole; null stays, because it deletes over there. */
export function mergePatches(one: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(later)) {
    const former = merged[name];
    merged[name] = isObject(former) && isObject(value) ? mergePatches(former, value) : value;
  }
  return merged;
}

/** What a document is after the patch: as `mergePatches`, and what is null is gone. */
export function patched(document: JsonObject, patch: JsonObject): JsonObject {
  const after = new Map(Object.entries(document));
  for (const [name, value] of Object.entries(patch)) {
    const before = after.get(name);
    if (value === null) after.delete(name);
    else after.set(name, isObject(value) ? patched(asObject(before), value) : value);
  }
  // fromEntries defines own members, so that a name like __proto__ is a name like any other.
  return Object.fromEntries(after);
}

/** What is desired and not reported so: objects by their differing members, everything else as a whole. */
export function differing(desired: JsonObject, reported: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(desired).flatMap(([name, wanted]): [string, unknown][] => {
      const actual = Object.hasOwn(reported, name) ? reported[name] : undefined;
      if (isObject(wanted) && isObject(actual)) {
        const inner = differing(wanted, actual);
        return Object.keys(inner).length === 0 ? [] : [[name, inner]];
      }
      return isDeepStrictEqual(wanted, actual) ? [] : [[name, wanted]];
    }),
  );
}
