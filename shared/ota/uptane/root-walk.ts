import { RefusedUpdate } from './attack.ts';
import { type FileSource, offered, sizeLimits } from './file-source.ts';
import type { Cryptography } from './key.ts';
import type { TopRole } from './metadata.ts';
import { type ReadFile, type ReadRoot, readRoot } from './metadata-reader.ts';
import { requireThreshold } from './threshold.ts';
import type { TrustedRepository } from './trusted-repository.ts';

/** A vehicle that was off for years catches up at once; a repository without end does not hold it for ever. */
const longestWalk = 1024;

/** The first root, which somebody else vouches for. @throws RefusedUpdate where it does not even vouch for itself */
export function firstRoot(text: string, cryptography: Cryptography): ReadFile<ReadRoot> {
  const root = readRoot(text);
  requireSignedBy(root, root, 'Root', cryptography);
  return root;
}

/**
 * Standard, 5.4.4.3: each next version, signed by enough keys of the version before it and by enough of its own.
 *
 * @param reached is told each root as it becomes the trusted one, so that a later failure does not undo it
 * @throws RefusedUpdate `arbitrary-software`, `rollback`, `fast-forward`, `endless-data`, `malformed`
 */
export async function walkRoots(
  trusted: TrustedRepository,
  source: FileSource,
  cryptography: Cryptography,
  reached: (trusted: TrustedRepository) => void = () => {},
): Promise<TrustedRepository> {
  let latest = trusted;
  for (let steps = 0; steps < longestWalk; steps += 1) {
    const version = latest.root.content.version + 1;
    const text = await offered(source, `${version}.root.json`, sizeLimits.root);
    if (text === undefined) return latest;
    latest = withRoot(latest, nextRoot(latest.root, text, cryptography));
    reached(latest);
  }
  throw new RefusedUpdate('endless-data', `Root goes on after ${longestWalk} versions`);
}

function nextRoot(known: ReadFile<ReadRoot>, text: string, cryptography: Cryptography): ReadFile<ReadRoot> {
  const next = readRoot(text);
  const expected = known.content.version + 1;
  requireSignedBy(next, known, `Root ${expected}, by the keys before it,`, cryptography);
  requireSignedBy(next, next, `Root ${expected}, by its own keys,`, cryptography);
  const { version } = next.content;
  if (version === expected) return next;
  throw new RefusedUpdate(version < expected ? 'rollback' : 'fast-forward', `Root ${expected} says ${version}`);
}

function requireSignedBy(
  file: ReadFile<ReadRoot>,
  { content }: ReadFile<ReadRoot>,
  name: string,
  cryptography: Cryptography,
): void {
  requireThreshold(file, content.roles.get('root'), content.keys, name, cryptography);
}

/**
 * Whoever stole online keys may have pushed versions so far that honest ones look old; with other keys the count
 * begins anew (5.4.4.3: recovery from fast-forward attacks). The same for Targets, which the standard leaves open.
 */
function withRoot(trusted: TrustedRepository, root: ReadFile<ReadRoot>): TrustedRepository {
  const { timestamp, snapshot, targets, delegated } = trusted;
  const changed = (role: TopRole) => keysOf(trusted.root, role) !== keysOf(root, role);
  const online = changed('timestamp') || changed('snapshot');
  const offline = changed('targets');
  return {
    root,
    ...(timestamp === undefined || online ? {} : { timestamp }),
    ...(snapshot === undefined || online ? {} : { snapshot }),
    ...(targets === undefined || offline ? {} : { targets }),
    delegated: offline ? new Map() : delegated,
  };
}

function keysOf({ content }: ReadFile<ReadRoot>, role: TopRole): string {
  const keyids = content.roles.get(role)?.keyids ?? [];
  return JSON.stringify([...new Set(keyids.map((id) => content.keys.get(id)?.public ?? id))].sort());
}
