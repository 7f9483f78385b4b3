import type { Instant } from '../kernel/clock.ts';

/** Settings as JSON: what is wanted, and what the vehicle says is so. */
export type Settings = Readonly<Record<string, unknown>>;

/** The form of a setting, with the instant it was last stated in place of each value. */
export type Stamps = Readonly<Record<string, unknown>>;

/** A twin as the device cloud keeps it. */
export interface TwinDocument {
  readonly desired: Settings;
  readonly reported: Settings;
  /** Leaves are `Instant`s. */
  readonly desiredAt: Stamps;
  readonly reportedAt: Stamps;
  /** Opaque, for conditional writes: changes at least when `desired` does. */
  readonly revision: string;
}

export interface Twin extends TwinDocument {
  readonly name: string;
  /** What is desired and not reported so. */
  readonly delta: Settings;
  readonly converged: boolean;
  /**
   * Converged since the last of the desired values was stated by either side; or apart since the oldest
   * wish that is still open. Absent where nothing was ever desired.
   */
  readonly since?: Instant;
}

export const twinNamePattern = /^[a-zA-Z0-9:_-]{1,64}$/;

export function twinOf(name: string, document: TwinDocument): Twin {
  const { desired, reported, desiredAt, reportedAt } = document;
  const delta = difference(desired, reported) ?? {};
  const converged = Object.keys(delta).length === 0;
  const instants = converged
    ? [...instantsOf(desired, desiredAt), ...instantsOf(desired, reportedAt)]
    : instantsOf(delta, desiredAt);
  const since = converged ? Math.max(...instants) : Math.min(...instants);
  return { ...document, name, delta, converged, ...(instants.length > 0 && { since }) };
}

/**
 * The part of `wanted` that `actual` lacks or has otherwise, as AWS IoT's shadow delta has it: objects by
 * their members, lists as a whole. Undefined when there is none.
 */
export function difference(wanted: Settings, actual: Settings): Settings | undefined {
  const found = Object.entries(wanted).flatMap(([key, value]) => {
    const present = Object.hasOwn(actual, key) ? actual[key] : undefined;
    if (!isSettings(value) || !isSettings(present)) return sameJson(value, present) ? [] : [[key, value] as const];
    const inner = difference(value, present);
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** What the merge patch (RFC 7396) makes of the settings: `null` removes, lists are replaced as a whole. */
export function merged(settings: Settings, patch: Settings): Settings {
  const kept = Object.entries(settings).filter(([key]) => !Object.hasOwn(patch, key));
  const set = Object.entries(patch).flatMap(([key, value]) => {
    if (value === null) return [];
    const present = Object.hasOwn(settings, key) ? settings[key] : undefined;
    return [[key, isSettings(value) ? merged(isSettings(present) ? present : {}, value) : value] as const];
  });
  return Object.fromEntries([...kept, ...set]);
}

/** JSON with sorted keys: equal settings give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isSettings(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameJson(one: unknown, other: unknown): boolean {
  return other !== undefined && canonical(one) === canonical(other);
}

/** When the last of the values was stated; undefined where nobody knows. */
export function latestIn(stamps: unknown): Instant | undefined {
  const instants = instantsOf(undefined, stamps);
  return instants.length === 0 ? undefined : Math.max(...instants);
}

/** The instants at which the values of `shape` were stated. */
function instantsOf(shape: unknown, stamps: unknown): Instant[] {
  if (typeof stamps === 'number') return [stamps];
  if (Array.isArray(stamps)) return stamps.flatMap((stamp) => instantsOf(undefined, stamp));
  if (!isSettings(stamps)) return [];
  const members = isSettings(shape) ? Object.keys(shape) : Object.keys(stamps);
  return members.flatMap((key) => {
    if (!Object.hasOwn(stamps, key)) return [];
    return instantsOf(isSettings(shape) ? shape[key] : undefined, stamps[key]);
  });
}
