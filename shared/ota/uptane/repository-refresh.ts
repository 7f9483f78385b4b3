import type { Instant } from '../../kernel/clock.ts';
import { RefusedUpdate } from './attack.ts';
import { announcedLimit, demanded, type FileSource, requireListed, sizeLimits } from './file-source.ts';
import type { Cryptography } from './key.ts';
import {
  type ReadFile,
  type ReadFileMeta,
  type ReadSnapshot,
  type ReadTargets,
  type ReadTimestamp,
  readSnapshot,
  readTargets,
  readTimestamp,
} from './metadata-reader.ts';
import { requireThreshold } from './threshold.ts';
import type { TrustedRepository } from './trusted-repository.ts';
import { requireNotOlder, requireUnexpired } from './version-rules.ts';

export interface Verification {
  readonly source: FileSource;
  /** Secure time, its late bound: what may have expired has. */
  readonly now: Instant;
  readonly cryptography: Cryptography;
}

/** A repository with everything that a search for images needs. */
export interface FreshRepository extends TrustedRepository {
  readonly snapshot: ReadFile<ReadSnapshot>;
  readonly targets: ReadFile<ReadTargets>;
  readonly timestamp: ReadFile<ReadTimestamp>;
}

/**
 * Timestamp, Snapshot and Targets after the root walk (Standard, 5.4.4.3 steps 4 to 6, or 8 to 10).
 *
 * @throws RefusedUpdate with the attack's name; what was trusted stays so
 */
export async function refreshed(trusted: TrustedRepository, verification: Verification): Promise<FreshRepository> {
  requireUnexpired('Root', trusted.root, verification.now);
  const timestamp = await freshTimestamp(trusted, verification);
  const snapshot = await freshSnapshot(trusted, timestamp, verification);
  const targets = await freshTargets(trusted, snapshot, verification);
  return { ...trusted, timestamp, snapshot, targets };
}

async function freshTimestamp(
  trusted: TrustedRepository,
  verification: Verification,
): Promise<ReadFile<ReadTimestamp>> {
  const timestamp = readTimestamp(await demanded(verification.source, 'timestamp.json', sizeLimits.timestamp));
  requireRole(trusted, 'timestamp', timestamp, verification);
  requireNotOlder('Timestamp', timestamp, trusted.timestamp);
  requireUnexpired('Timestamp', timestamp, verification.now);
  return timestamp;
}

async function freshSnapshot(
  trusted: TrustedRepository,
  timestamp: ReadFile<ReadTimestamp>,
  verification: Verification,
): Promise<ReadFile<ReadSnapshot>> {
  const meta = timestamp.content.snapshot;
  const limit = announcedLimit('snapshot.json', meta, sizeLimits.snapshot);
  const name = versioned(trusted, 'snapshot.json', meta);
  const snapshot = readSnapshot(await demanded(verification.source, name, limit));
  requireListed('Snapshot', snapshot, meta, verification.cryptography);
  requireRole(trusted, 'snapshot', snapshot, verification);
  requireNotOlder('Snapshot', snapshot, trusted.snapshot);
  if (trusted.snapshot !== undefined) requireNothingLost(trusted.snapshot.content, snapshot.content);
  requireUnexpired('Snapshot', snapshot, verification.now);
  requireOwnRoot(trusted, snapshot, verification.cryptography);
  return snapshot;
}

async function freshTargets(
  trusted: TrustedRepository,
  snapshot: ReadFile<ReadSnapshot>,
  verification: Verification,
): Promise<ReadFile<ReadTargets>> {
  const targets = await listedTargets('targets', trusted, snapshot.content, verification);
  requireRole(trusted, 'targets', targets, verification);
  requireNotOlder('Targets', targets, trusted.targets);
  requireUnexpired('Targets', targets, verification.now);
  return targets;
}

/** @param file top-level `targets`, or a delegated role's file, without `.json` */
export async function listedTargets(
  file: string,
  trusted: TrustedRepository,
  snapshot: ReadSnapshot,
  { source, cryptography }: Verification,
): Promise<ReadFile<ReadTargets>> {
  const meta = snapshot.meta.get(`${file}.json`);
  if (meta === undefined) throw new RefusedUpdate('mix-and-match', `Snapshot does not list ${file}.json`);
  const limit = announcedLimit(`${file}.json`, meta, sizeLimits.targets);
  // A role may be called whatever its delegator likes: never a path of its own.
  const name = versioned(trusted, `${encodeURIComponent(file)}.json`, meta);
  const targets = readTargets(await demanded(source, name, limit));
  requireListed(`${file}.json`, targets, meta, cryptography);
  return targets;
}

function requireRole(
  { root }: TrustedRepository,
  role: 'timestamp' | 'snapshot' | 'targets',
  file: ReadFile<unknown>,
  { cryptography }: Verification,
): void {
  requireThreshold(file, root.content.roles.get(role), root.content.keys, `${role}.json`, cryptography);
}

/** No listed Targets version falls, none disappears. @throws RefusedUpdate `rollback` */
function requireNothingLost(known: ReadSnapshot, fresh: ReadSnapshot): void {
  for (const [name, { version }] of known.meta) {
    if (name === 'root.json') continue;
    const listed = fresh.meta.get(name);
    if (listed === undefined) throw new RefusedUpdate('rollback', `Snapshot does not list ${name} any more`);
    if (listed.version < version) {
      throw new RefusedUpdate('rollback', `Snapshot lists ${name} ${listed.version}, known is ${version}`);
    }
  }
}

/** Older repositories list their root, too: then it has to be this one, unless it is from before a rotation. */
function requireOwnRoot({ root }: TrustedRepository, { content }: ReadFile<ReadSnapshot>, cryptography: Cryptography) {
  const listed = content.meta.get('root.json');
  if (listed?.version === root.content.version) requireListed('Root', root, listed, cryptography);
}

function versioned({ root }: TrustedRepository, name: string, { version }: ReadFileMeta): string {
  return root.content.consistentSnapshot ? `${version}.${name}` : name;
}
