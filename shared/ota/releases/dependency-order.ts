/** Software that wants other software beside it. */
export interface Dependent {
  readonly ecuId: string;
  readonly requires?: readonly { readonly ecuId: string }[];
}

type Circle = readonly string[] | undefined;

/**
 * The control units of a circle, with the first one again at its end; undefined where there is an order. Variants of an
 * ECU for several hardware count as one: the strictest of them decides.
 */
export function cycleIn(images: readonly Dependent[]): Circle {
  const wanted = requirementsOf(images);
  const done = new Set<string>();
  for (const start of wanted.keys()) {
    const cycle = circleFrom(start, wanted, [], done);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Each ECU after those that it requires; otherwise as they come. Of a circle, in any order. */
export function inOrder<T extends Dependent>(images: readonly T[]): readonly T[] {
  const wanted = requirementsOf(images);
  const order: string[] = [];
  const seen = new Set<string>();
  for (const start of wanted.keys()) visit(start, wanted, seen, order);
  return order.flatMap((ecuId) => images.filter((image) => image.ecuId === ecuId));
}

type Wanted = ReadonlyMap<string, readonly string[]>;

/** Requirements that the images do not bring stand outside. */
function requirementsOf(images: readonly Dependent[]): Wanted {
  const wanted = new Map<string, string[]>();
  for (const { ecuId, requires = [] } of images) {
    wanted.set(ecuId, [...(wanted.get(ecuId) ?? []), ...requires.map((one) => one.ecuId)]);
  }
  return wanted;
}

function circleFrom(ecuId: string, wanted: Wanted, way: readonly string[], done: Set<string>): Circle {
  const from = way.indexOf(ecuId);
  if (from >= 0) return [...way.slice(from), ecuId];
  if (done.has(ecuId)) return undefined;
  for (const next of wanted.get(ecuId) ?? []) {
    const circle = circleFrom(next, wanted, [...way, ecuId], done);
    if (circle !== undefined) return circle;
  }
  done.add(ecuId);
  return undefined;
}

function visit(ecuId: string, wanted: Wanted, seen: Set<string>, order: string[]): void {
  if (seen.has(ecuId) || !wanted.has(ecuId)) return;
  seen.add(ecuId);
  for (const next of wanted.get(ecuId) ?? []) visit(next, wanted, seen, order);
  order.push(ecuId);
}
