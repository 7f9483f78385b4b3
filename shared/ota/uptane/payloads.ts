import type { Instant } from '../../kernel/clock.ts';
import type { DirectorTargets, ImageTargets } from './custom.ts';
import { type Digests, type PublicKey, signatureSchemes } from './key.ts';
import type { FileMeta, Role, Root, Snapshot, Timestamp, TopRole } from './metadata.ts';
import { keyIdOf } from './signing.ts';

/** What each role signs. Built here, so that every repository of ours writes it alike. */
interface Life {
  readonly version: number;
  readonly expiresAt: Instant;
}

/** Who signs a role, and how many of them have to. */
export interface RoleKeys {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** @throws RangeError where a threshold cannot be reached */
export function rootPayload(
  { version, expiresAt }: Life,
  keys: Readonly<Record<TopRole, RoleKeys>>,
  digests: Digests,
): Root {
  const role = (name: TopRole): Role => roleOf(name, keys[name], digests);
  return {
    _type: 'Root',
    version,
    expires: utc(expiresAt),
    consistent_snapshot: true,
    keys: keyList(
      Object.values(keys).flatMap((it) => it.keys),
      digests,
    ),
    roles: { root: role('root'), targets: role('targets'), snapshot: role('snapshot'), timestamp: role('timestamp') },
  };
}

export function roleOf(name: string, { keys, threshold }: RoleKeys, digests: Digests): Role {
  const keyids = [...new Set(keys.map((key) => keyIdOf(key, digests)))];
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > keyids.length) {
    throw new RangeError(`${name}: ${threshold} of ${keyids.length} keys cannot sign`);
  }
  return { keyids, threshold };
}

/** As Root and delegations list them. */
export function keyList(keys: readonly PublicKey[], digests: Digests): Record<string, PublicKey> {
  for (const key of keys) if (!signatureSchemes.includes(key.scheme)) throw new RangeError(`no scheme ${key.scheme}`);
  return Object.fromEntries(keys.map((key) => [keyIdOf(key, digests), key]));
}

export function imageTargetsPayload(
  { version, expiresAt }: Life,
  content: Pick<ImageTargets, 'targets' | 'delegations'>,
): ImageTargets {
  return { _type: 'Targets', version, expires: utc(expiresAt), ...content };
}

export function directorTargetsPayload(
  { version, expiresAt }: Life,
  content: Pick<DirectorTargets, 'targets' | 'custom'>,
): DirectorTargets {
  return { _type: 'Targets', version, expires: utc(expiresAt), ...content };
}

/** @param meta by file name: `targets.json` and each delegated role's */
export function snapshotPayload({ version, expiresAt }: Life, meta: Readonly<Record<string, FileMeta>>): Snapshot {
  return { _type: 'Snapshot', version, expires: utc(expiresAt), meta };
}

export function timestampPayload({ version, expiresAt }: Life, snapshot: FileMeta, issuedAt: Instant): Timestamp {
  return {
    _type: 'Timestamp',
    version,
    expires: utc(expiresAt),
    meta: { 'snapshot.json': snapshot },
    custom: { issuedAt: new Date(issuedAt).toISOString() },
  };
}

/** Whole seconds, as every implementation reads them. */
function utc(at: Instant): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
