import * as z from 'zod';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import type { ImageCustom } from '#shared/ota/uptane/custom.ts';
import type { PublicKey } from '#shared/ota/uptane/key.ts';
import type { Target, TopRole } from '#shared/ota/uptane/metadata.ts';
import { keyList, type RoleKeys, roleOf, rootPayload } from '#shared/ota/uptane/payloads.ts';
import { wrongUse } from './outcome.ts';

const record = (value: unknown) => typeof value === 'object' && value !== null;
const key = z.custom<PublicKey>(record);
const role = z.object({ keyids: z.array(z.string()), threshold: z.number() });
const target = z.custom<Target<ImageCustom>>(record);

/** @throws CommandFailure where fewer keys are named than have to sign: nobody could ever sign it */
export function roleKeys(name: string, keys: readonly PublicKey[], threshold: number): RoleKeys {
  if (keys.length < threshold)
    throw wrongUse(`--threshold ${threshold} wants ${threshold} keys for ${name}; ${keys.length} named.`);
  return { keys, threshold };
}

/** `signed` of a file: whatever else stands there stays. */
export const signedSchema = z.looseObject({ _type: z.string(), version: z.number(), expires: z.string() });
export type Signed = z.infer<typeof signedSchema>;

/** The next version, made of the published one; undefined: there is none. The same of the same, wherever it is made. */
export type Change = (before: Signed | undefined, expires: string) => Signed;

export type Targets = Readonly<Record<string, Target<ImageCustom>>>;

const targetsSchema = signedSchema.extend({ targets: z.record(z.string(), target) });
const rootSchema = signedSchema.extend({
  keys: z.record(z.string(), key),
  roles: z.object({ root: role, targets: role, snapshot: role, timestamp: role }),
});
const delegationsSchema = z.looseObject({
  keys: z.record(z.string(), key),
  roles: z.array(z.looseObject({ name: z.string() })),
});

/** Also these targets; undefined where they are there already, just so. */
export function withTargets(more: Targets): Change {
  return (before, expires) => {
    const { targets, ...rest } = targetsSchema.parse(before ?? { _type: 'Targets', version: 0, expires, targets: {} });
    return { ...rest, version: rest.version + 1, expires, targets: { ...targets, ...more } };
  };
}

/** The same, for longer. */
export const renewal: Change = (before, expires) => {
  if (before === undefined) throw wrongUse('Nothing is published that could be renewed.');
  return { ...before, version: before.version + 1, expires };
};

/** Others sign from now on: the keys before them have to agree, and sign with them. */
export function rotation(online: PublicKey, roles: Readonly<Partial<Record<TopRole, RoleKeys>>>): Change {
  return (before, expires) => {
    if (before === undefined) throw wrongUse('There is no Root yet: fleetloom repository create.');
    const root = rootSchema.parse(before);
    const keysOf = (name: TopRole): RoleKeys => {
      const { keyids, threshold } = root.roles[name];
      return roles[name] ?? { keys: keyids.flatMap((id) => root.keys[id] ?? []), threshold };
    };
    // The platform's own key may be another one by now.
    const ofCloud = (name: TopRole): RoleKeys =>
      isOnline(root, name) ? { keys: [online], threshold: 1 } : keysOf(name);
    const life = { version: root.version + 1, expiresAt: Date.parse(expires) };
    const all = {
      root: keysOf('root'),
      targets: ofCloud('targets'),
      snapshot: ofCloud('snapshot'),
      timestamp: ofCloud('timestamp'),
    };
    return signedSchema.parse(rootPayload(life, all, cryptography));
  };
}

/** Snapshot's keys are the cloud's in both repositories; the Director's Targets have the same. */
function isOnline({ roles }: z.infer<typeof rootSchema>, name: TopRole): boolean {
  return roles[name].keyids.every((id) => roles.snapshot.keyids.includes(id));
}

/** Somebody else vouches for these paths: a brand, or the maker of a control unit. */
export function delegation(name: string, paths: readonly string[], { keys, threshold }: RoleKeys): Change {
  return (before, expires) => {
    if (before === undefined) throw wrongUse('No Targets are published that could delegate.');
    const known = delegationsSchema.parse(before['delegations'] ?? { keys: {}, roles: [] });
    const made = { name, paths, terminating: false, ...roleOf(name, { keys, threshold }, cryptography) };
    const delegations = {
      keys: { ...known.keys, ...keyList(keys, cryptography) },
      roles: [...known.roles.filter((one) => one.name !== name), made],
    };
    return { ...before, version: before.version + 1, expires, delegations };
  };
}
