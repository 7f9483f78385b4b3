/** Every place in a JSON value, so that a test can bend each of them. */
export type Place = readonly (string | number)[];

export function places(value: unknown, at: Place = []): Place[] {
  const children: [string | number, unknown][] = Array.isArray(value)
    ? value.map((child, index) => [index, child])
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return [...(at.length === 0 ? [] : [at]), ...children.flatMap(([key, child]) => places(child, [...at, key]))];
}

/** A copy with another value there; without that member where the value is undefined. */
export function replaced(value: unknown, place: Place, by: unknown): unknown {
  const [key, ...rest] = place;
  if (key === undefined) return by;
  if (Array.isArray(value)) {
    const changed = value.map((child, index) => (index === key ? replaced(child, rest, by) : child));
    return rest.length === 0 && by === undefined ? changed.filter((_child, index) => index !== key) : changed;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, child]): [string, unknown] => [
    name,
    name === key ? replaced(child, rest, by) : child,
  ]);
  return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
}

export function valueAt(value: unknown, place: Place): unknown {
  const [key, ...rest] = place;
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return valueAt(Object.entries(value).find(([name]) => name === String(key))?.[1], rest);
}
