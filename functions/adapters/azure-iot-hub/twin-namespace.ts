import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { platformTwins } from '#shared/twins/platform-twins.ts';
import { canonical, isSettings, type Settings, type Stamps, type TwinDocument } from '#shared/twins/twin.ts';

/**
 * A vehicle has one twin over there, in which each of ours is a member of `desired` and of `reported`. What else
 * stands in it: `desired.stamps`, for the vehicle, which is told no metadata; `tags`, which it does not see.
 */

/** Members beside the twins: when each was written last, and which campaigns' updates may go on. */
const ownMembers = ['stamps', 'rollouts'];

const half = z.record(z.string(), z.unknown());
const halfWithout = z._default(half, {});

/** What the hub keeps of a device, as far as we read it. */
export const hubTwin = z.object({
  etag: z.string(),
  tags: z._default(
    z.object({
      home: z.exactOptional(z.object({ epoch: z.number() })),
      /** The vehicle is at home elsewhere, and does not come back here in this stay. */
      left: z.exactOptional(z.boolean()),
      orders: z._default(z.record(z.string(), z.number()), {}),
    }),
    { orders: {} },
  ),
  properties: z.object({ desired: halfWithout, reported: halfWithout }),
});
export type HubTwin = z.output<typeof hubTwin>;

/** Undefined where neither side has ever said anything under this name, and for what is no twin of ours. */
export function namespaceOf({ properties }: HubTwin, name: string): TwinDocument | undefined {
  if (ownMembers.includes(name)) return undefined;
  const { desired, reported } = properties;
  // One that was emptied still is one: its stamp tells.
  const isThere = [desired, reported, settingsIn(desired, 'stamps')].some((half) => Object.hasOwn(half, name));
  if (!isThere) return undefined;
  const wanted = settingsIn(desired, name);
  return {
    desired: wanted,
    reported: settingsIn(reported, name),
    desiredAt: stampsOf(wanted, metadataOf(desired, name)),
    reportedAt: stampsOf(settingsIn(reported, name), metadataOf(reported, name)),
    revision: revisionOf(wanted),
  };
}

/** The names of ours that either side has said something under. */
export function namesIn(twin: HubTwin): readonly string[] {
  return ownNames([...wishedIn(twin), ...Object.keys(twin.properties.reported)]);
}

/** The names of ours that somebody has desired something under. */
export function wishedIn({ properties: { desired } }: HubTwin): readonly string[] {
  // One that was emptied still is one: its stamp tells.
  return ownNames([desired, settingsIn(desired, 'stamps')].flatMap(Object.keys));
}

function ownNames(members: readonly string[]): readonly string[] {
  return [...new Set(members)].filter((name) => !name.startsWith('$') && !ownMembers.includes(name));
}

/** What partners have had set, without what the platform itself says to the vehicle. */
export function ofPartners({ properties: { desired } }: HubTwin): Settings {
  const own = [...ownMembers, ...platformTwins];
  return Object.fromEntries(Object.entries(desired).filter(([name]) => !name.startsWith('$') && !own.includes(name)));
}

/** The patch of the whole twin that makes this one of ours so. */
export function patchOf(name: string, patch: Settings | null, at: number): object {
  return { properties: { desired: { [name]: patch, stamps: { [name]: at } } } };
}

export function revisionOf(desired: Settings): string {
  return createHash('sha256').update(canonical(desired)).digest('base64url').slice(0, 22);
}

function settingsIn(half: Settings, name: string): Settings {
  const settings = Object.hasOwn(half, name) ? half[name] : undefined;
  return isSettings(settings) ? settings : {};
}

function metadataOf(half: Settings, name: string): unknown {
  const metadata = half['$metadata'];
  return isSettings(metadata) ? metadata[name] : undefined;
}

/** `$lastUpdated` of each value, in ms; lists have one for all of it. */
function stampsOf(settings: Settings, metadata: unknown): Stamps {
  const stamps: Record<string, unknown> = {};
  if (!isSettings(metadata)) return stamps;
  for (const [key, value] of Object.entries(settings)) {
    const node = metadata[key];
    if (!isSettings(node)) continue;
    if (isSettings(value)) stamps[key] = stampsOf(value, node);
    else if (typeof node['$lastUpdated'] === 'string') stamps[key] = Date.parse(node['$lastUpdated']);
  }
  return stamps;
}
