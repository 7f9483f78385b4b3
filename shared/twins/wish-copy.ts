import type { Instant } from '../kernel/clock.ts';
import { canonical, isSettings, latestIn, type Settings, type Stamps } from './twin.ts';

/** Clocks of two device clouds may be apart by this, and one of them counts whole seconds. */
const clockSlack = 2_000;

/** What a twin's new place was given of it. */
export interface Copied {
  readonly settings: Settings;
  readonly at: Instant;
  /** What it was about to be given after that, in vain or not. */
  readonly pending?: readonly Settings[];
}

export interface Target {
  readonly desired: Settings;
  readonly desiredAt: Stamps;
}

/**
 * The patch (RFC 7396) by which what is desired in a twin's new place follows what is desired in its former one. What
 * somebody has stated in the new place since then stays: it is later than anything the former one was told.
 *
 * @param copied undefined before the first time
 * @returns undefined where there is nothing to follow
 */
export function followed(copied: Copied | undefined, source: Settings, target: Target): Settings | undefined {
  const copy = copied ?? { settings: {}, at: Number.NEGATIVE_INFINITY };
  const keys = [copy.settings, ...(copy.pending ?? []), source].flatMap((settings) => Object.keys(settings));
  const found = [...new Set(keys)].flatMap((key) => {
    const wanted = ofKey(copy, source, target, key);
    return wanted === undefined ? [] : [[key, wanted] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** `null`: to be removed; undefined: to be left as it is. */
function ofKey(copy: Copied, source: Settings, target: Target, key: string): unknown {
  const wanted = own(source, key);
  const present = own(target.desired, key);
  if (isSame(wanted, present)) return undefined;
  const statedAt = own(target.desiredAt, key);
  if (isCopy(copy, key, present, latestIn(statedAt)) && !(isSettings(wanted) && isSettings(present))) {
    return wanted ?? null;
  }
  // Where one side has changed a part of it, the other parts are followed.
  if (!isSettings(present ?? {}) || !isSettings(wanted ?? {})) return undefined;
  const { settings, pending, at } = copy;
  const inner = {
    ...{ settings: settingsOf(own(settings, key)), at },
    ...(pending !== undefined && { pending: pending.map((each) => settingsOf(own(each, key))) }),
  };
  const part = { desired: settingsOf(present), desiredAt: settingsOf(statedAt) };
  return followed(inner, settingsOf(wanted), part);
}

/** Whether it stands there because it was copied, and nobody has stated it anew. */
function isCopy({ settings, pending, at }: Copied, key: string, present: unknown, statedAt?: Instant): boolean {
  if (pending?.some((each) => isSame(own(each, key), present)) === true) return true;
  return isSame(own(settings, key), present) && (statedAt === undefined || statedAt <= at + clockSlack);
}

function isSame(one: unknown, other: unknown): boolean {
  return one === undefined || other === undefined ? one === other : canonical(one) === canonical(other);
}

function own(settings: Settings, key: string): unknown {
  return Object.hasOwn(settings, key) ? settings[key] : undefined;
}

function settingsOf(value: unknown): Settings {
  return isSettings(value) ? value : {};
}
