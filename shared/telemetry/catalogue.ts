import type { SignalValue } from '#shared/vehicle-cloud/envelopes.ts';
import catalogue from './vss-catalogue.json' with { type: 'json' };

/**
 * What COVESA VSS 6.0 says of one signal. The catalogue holds the leaves with their instances expanded
 * (`Vehicle.Cabin.Door.Row1.DriverSide.IsLocked`) and no descriptions; `scripts/vss-catalogue.ts` makes it.
 */
export interface Signal {
  readonly path: string;
  /** VSS's own name: `boolean`, `float`, `double`, `uint8` … `int32`, `string`, or one of these with `[]`. */
  readonly datatype: string;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly string[];
  readonly pattern?: string;
}

type Facts = Omit<Signal, 'path'>;

// What the datatype itself can hold; VSS's min and max narrow it further.
const integerBounds: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 4_294_967_295],
  int32: [-2_147_483_648, 2_147_483_647],
};
const largestFloat = 3.402_823_466e38;
// VSS bounds no string. So long every one of them may be, and the last known values of all still fit one item (400 KB).
const longestString = 1000;

/**
 * The signal of this path, or undefined where VSS 6.0 has no such leaf.
 *
 * @example signal('Vehicle.Speed') // { path: 'Vehicle.Speed', datatype: 'float', unit: 'km/h' }
 */
export function signal(path: string): Signal | undefined {
  let node: unknown = catalogue.tree;
  for (const name of path.split('.')) {
    if (!isBranch(node) || !Object.hasOwn(node, name)) return undefined;
    node = node[name];
  }
  return typeof node === 'number' ? { path, ...facts(node) } : undefined;
}

/** Every signal of the catalogue, in VSS's own order. */
export function* signals(): Generator<Signal> {
  yield* below('', catalogue.tree);
}

/**
 * Why this value cannot be one of the signal, or undefined when it can.
 *
 * @example checkValue(stateOfCharge, 101) // 'is above the maximum 100 percent'
 */
export function checkValue({ datatype, unit, min, max, allowed, pattern }: Signal, value: unknown): string | undefined {
  switch (datatype) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'is not a boolean';
    case 'string':
      if (typeof value !== 'string') return 'is not a string';
      if (value.length > longestString) return `is too long: it has more than ${longestString} characters`;
      if (allowed !== undefined && !allowed.includes(value)) return `is none of ${allowed.join(', ')}`;
      return pattern === undefined || new RegExp(pattern).test(value) ? undefined : `does not match ${pattern}`;
    default:
      return datatype.endsWith('[]')
        ? 'belongs to a signal of lists, which readings do not carry'
        : checkNumber(datatype, value, unit === undefined ? '' : ` ${unit}`, min, max);
  }
}

/** Whether the value is one that a reading can carry at all. */
export function isSignalValue(value: unknown): value is SignalValue {
  return typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value);
}

function checkNumber(datatype: string, value: unknown, unit: string, min?: number, max?: number): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'is not a finite number';
  const integer = integerBounds[datatype];
  if (integer !== undefined && !Number.isInteger(value)) return 'is not a whole number';
  const float = datatype === 'float' ? largestFloat : Number.MAX_VALUE;
  const lowest = Math.max(min ?? -Infinity, integer?.[0] ?? -float);
  const highest = Math.min(max ?? Infinity, integer?.[1] ?? float);
  if (value < lowest) return `is below the minimum ${lowest}${unit}`;
  return value > highest ? `is above the maximum ${highest}${unit}` : undefined;
}

function* below(prefix: string, tree: unknown): Generator<Signal> {
  if (!isBranch(tree)) return;
  for (const [name, node] of Object.entries(tree)) {
    if (typeof node === 'number') yield { path: `${prefix}${name}`, ...facts(node) };
    else yield* below(`${prefix}${name}.`, node);
  }
}

function isBranch(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null;
}

/** A shape is `[datatype, unit, min, max, allowed, pattern]`, cut after its last fact. */
function facts(shape: number): Facts {
  const [datatype, unit, min, max, allowed, pattern]: readonly unknown[] = catalogue.shapes[shape] ?? [];
  return {
    datatype: String(datatype),
    ...(typeof unit === 'string' && { unit }),
    ...(typeof min === 'number' && { min }),
    ...(typeof max === 'number' && { max }),
    ...(Array.isArray(allowed) && { allowed: allowed.map(String) }),
    ...(typeof pattern === 'string' && { pattern }),
  };
}
