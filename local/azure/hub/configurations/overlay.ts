import { equal, isObject, type Json, type JsonObject } from '#local/iot/shadows/json.ts';
import type { Configuration } from './configuration.ts';

/** What configurations say of a device: by the path below the desired properties, without it the whole of them. */
export type Overlay = Readonly<Record<string, Json>>;

const above = 'properties.desired';

/** @param configurations all that target the device */
export function overlayOf(configurations: readonly Configuration[]): Overlay {
  const weakestFirst = [...configurations].sort(
    (a, b) => (a.wish.priority ?? 0) - (b.wish.priority ?? 0) || a.createdAt - b.createdAt,
  );
  const overlay = new Map<string, Json>();
  for (const { wish } of weakestFirst) {
    for (const [place, value] of Object.entries(wish.content.deviceContent ?? {})) {
      overlay.set(place.slice(above.length + 1), value);
    }
  }
  return Object.fromEntries(overlay);
}

/** The patch that makes one of the other; undefined: they say the same. */
export function patchBetween(before: Overlay, after: Overlay): JsonObject | undefined {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => !equal(before[path] ?? null, after[path] ?? null),
  );
  // What is deleted first does not delete what another path writes.
  const deletedFirst = changed.sort((a, b) => Number(after[a] !== undefined) - Number(after[b] !== undefined));
  return deletedFirst.reduce<JsonObject | undefined>(
    (patch, path) => placed(patch ?? {}, path === '' ? [] : path.split('.'), change(before[path], after[path])),
    undefined,
  );
}

function change(before: Json | undefined, after: Json | undefined): Json {
  if (after === undefined) return isObject(before) ? deleted(before) : null;
  if (!isObject(after) || !isObject(before)) return after;
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const kept = Object.entries(after).map(([key, value]): [string, Json] => [key, change(before[key], value)]);
  return Object.fromEntries([...gone.map((key): [string, Json] => [key, null]), ...kept]);
}

/** Key by key: another's key beside them stays. */
function deleted(before: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(before).map((key) => [key, null]));
}

function placed(patch: JsonObject, [first, ...rest]: readonly string[], value: Json): JsonObject {
  if (first === undefined) return isObject(value) ? merged(patch, value) : patch;
  const inner = patch[first];
  const next = rest.length > 0 ? placed(isObject(inner) ? inner : {}, rest, value) : value;
  return merged(patch, { [first]: next });
}

function merged(left: JsonObject, right: JsonObject): JsonObject {
  const both = new Map<string, Json>(Object.entries(left));
  for (const [key, value] of Object.entries(right)) {
    const before = both.get(key);
    both.set(key, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(both);
}
