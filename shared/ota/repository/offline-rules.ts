import type { Instant } from '../../kernel/clock.ts';
import { Failure, type FieldError } from '../../kernel/failure.ts';
import type { TopRole } from '../uptane/metadata.ts';
import type { ReadRoot, ReadTargets } from '../uptane/metadata-reader.ts';
import { isOfflineRole, type RepositoryName } from './repository-state.ts';
import type { Authority, Dated } from './submission.ts';

/** @throws Failure `metadata-version-wrong` where it does not follow what is published */
export function requireNext({ version }: Dated, published: number): void {
  if (version === published + 1) return;
  throw new Failure(
    'conflict',
    'metadata-version-wrong',
    `Version ${published} is published: the next one is ${published + 1}, not ${version}.`,
    {
      resolution: 'Read what is published, change that, and sign it as the next version.',
    },
  );
}

/** @throws Failure `metadata-expired` */
export function requireUnexpired({ expiresAt }: Dated, now: Instant): void {
  if (expiresAt > now) return;
  throw new Failure('unacceptable', 'metadata-expired', `It expired at ${new Date(expiresAt).toISOString()}.`, {
    resolution: 'Sign it with a later expiry.',
  });
}

/** Whose keys are in the cloud. */
const onlineRoles: Readonly<Record<RepositoryName, readonly TopRole[]>> = {
  image: ['snapshot', 'timestamp'],
  director: ['targets', 'snapshot', 'timestamp'],
};

/**
 * A Root with which the cloud can go on, and nobody else can: the online key signs its roles, and no other.
 *
 * @throws Failure `root-unusable`
 */
export function requireUsableRoot(root: ReadRoot, repository: RepositoryName, onlineKeyId: string): void {
  const isOnline = (role: TopRole) => onlineRoles[repository].includes(role);
  const roles: readonly TopRole[] = ['root', 'targets', 'snapshot', 'timestamp'];
  const errors: FieldError[] = roles.flatMap((name) => {
    const role = root.roles.get(name);
    const pointer = `/text/signed/roles/${name}`;
    if (role === undefined) return [{ pointer, detail: 'is missing' }];
    if (new Set(role.keyids).size < role.threshold) return [{ pointer, detail: 'has fewer keys than its threshold' }];
    if (role.keyids.some((id) => !root.keys.has(id)))
      return [{ pointer, detail: 'names a key that is not in `keys`, or of another kind' }];
    const has = role.keyids.includes(onlineKeyId);
    if (isOnline(name) && (!has || role.threshold !== 1))
      return [{ pointer, detail: `is not signed by the platform's own key ${onlineKeyId} alone` }];
    if (!isOnline(name) && has) return [{ pointer, detail: 'would be signed in the cloud, by the online key' }];
    return [];
  });
  if (!root.consistentSnapshot) errors.push({ pointer: '/text/signed/consistent_snapshot', detail: 'is not true' });
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'root-unusable', 'This platform could not go on with this Root.', { errors });
}

/**
 * What the vehicles would no longer find. Whoever means it names it, so that nothing goes by mistake.
 *
 * @throws Failure `target-disappears`
 */
export function requireNamedRemovals(
  next: ReadTargets,
  published: ReadTargets | undefined,
  removes: readonly string[],
): void {
  const gone = published === undefined ? [] : [...goneTargets(next, published), ...goneRoles(next, published)];
  const unnamed = gone.filter((name) => !removes.includes(name));
  if (unnamed.length === 0) return;
  throw new Failure(
    'conflict',
    'target-disappears',
    'Something that is published would disappear, or mean other bytes.',
    {
      errors: unnamed.slice(0, 100).map((name) => ({ pointer: '/removes', detail: `does not name ${name}` })),
      resolution: 'Take it in again, or name in `removes` what shall go.',
    },
  );
}

function goneTargets({ targets }: ReadTargets, published: ReadTargets): readonly string[] {
  return [...published.targets].flatMap(([path, { length, hashes }]) => {
    const target = targets.get(path);
    const isThere = target?.length === length && target.hashes['sha256'] === hashes['sha256'];
    return isThere ? [] : [path];
  });
}

function goneRoles(next: ReadTargets, published: ReadTargets): readonly string[] {
  const names = new Set(rolesOf(next));
  return rolesOf(published).filter((name) => !names.has(name));
}

function rolesOf({ delegations }: ReadTargets): readonly string[] {
  return delegations.flatMap(({ roles }) => roles.map(({ name }) => name));
}

/** @throws Failure `delegation-unusable` where a role could not be published under its name */
export function requireUsableDelegations({ delegations }: ReadTargets): void {
  const errors = delegations.flatMap(({ roles }) =>
    roles.flatMap(({ name, file, keyids, threshold, keys }): FieldError[] => {
      const pointer = '/text/signed/delegations';
      if (!isOfflineRole(name) || ['root', 'targets'].includes(name) || file !== name) {
        return [{ pointer, detail: `${name} is no name for a role: small letters, digits and hyphens` }];
      }
      const usable = keyids.filter((id) => keys.has(id));
      return new Set(usable).size < threshold ? [{ pointer, detail: `${name} has fewer keys than its threshold` }] : [];
    }),
  );
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'delegation-unusable', 'A delegation could never be followed.', { errors });
}

/** The delegation to a role, where these Targets have one. */
export function delegatedAuthority({ delegations }: ReadTargets, name: string): Authority | undefined {
  return delegations.flatMap(({ roles }) => roles).find((role) => role.name === name);
}

export function rootAuthority({ roles, keys }: ReadRoot, name: TopRole): Authority | undefined {
  const role = roles.get(name);
  return role === undefined ? undefined : { ...role, keys };
}
