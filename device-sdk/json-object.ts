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
