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
  /**
   * For repositories that others have published: a listed hash may be that of the file's canonical form, a Director
   * may sign Targets alone, custom metadata may stand in one repository only. Never for a vehicle.
   */
  readonly published?: boolean;
}

/** A repository with everything that a search for images needs. */
export interface FreshRepository extends TrustedRepository {
  readonly snapshot: ReadFile<ReadSnapshot>;
  readonly targets: ReadFile<ReadTargets>;
  readonly timestamp: ReadFile<ReadTimestamp>;
}

/** As far as a Director is needed. */
export type FreshDirector = TrustedRepository & Pick<FreshRepository, 'targets'>;

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

/** The same for a Director. Some published ones have neither Timestamp nor Snapshot, and their Root no role for them. */
export async function refreshedDirector(
  trusted: TrustedRepository,
  verification: Verification,
): Promise<FreshDirector> {
  const { roles } = trusted.root.content;
  if (verification.published !== true || roles.has('timestamp') || roles.has('snapshot')) {
    return refreshed(trusted, verification);
  }
  requireUnexpired('Root', trusted.root, verification.now);
  const targets = readTargets(await demanded(verification.source, 'targets.json', sizeLimits.targets));
  requireTargets(trusted, targets, verification);
  return { ...trusted, targets };
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
  const limit = announced('snapshot.json', meta, sizeLimits.snapshot, verification);
  const name = versioned(trusted, 'snapshot.json', meta);
  const snapshot = readSnapshot(await demanded(verification.source, name, limit));
  requireListed('Snapshot', snapshot, meta, verification);
  requireRole(trusted, 'snapshot', snapshot, verification);
  requireNotOlder('Snapshot', snapshot, trusted.snapshot);
  if (trusted.snapshot !== undefined) requireNothingLost(trusted.snapshot.content, snapshot.content);
  requireUnexpired('Snapshot', snapshot, verification.now);
  return snapshot;
}

async function freshTargets(
  trusted: TrustedRepository,
  snapshot: ReadFile<ReadSnapshot>,
  verification: Verification,
): Promise<ReadFile<ReadTargets>> {
  const targets = await listedTargets('targets', trusted, snapshot.content, verification);
  requireTargets(trusted, targets, verification);
  return targets;
}

function requireTargets(trusted: TrustedRepository, targets: ReadFile<ReadTargets>, verification: Verification): void {
  requireRole(trusted, 'targets', targets, verification);
  requireNotOlder('Targets', targets, trusted.targets);
  requireUnexpired('Targets', targets, verification.now);
}

/** @param file top-level `targets`, or a delegated role's file, without `.json` */
export async function listedTargets(
  file: string,
  trusted: TrustedRepository,
  snapshot: ReadSnapshot,
  verification: Verification,
): Promise<ReadFile<ReadTargets>> {
  const meta = snapshot.meta.get(`${file}.json`);
  if (meta === undefined) throw new RefusedUpdate('mix-and-match', `Snapshot does not list ${file}.json`);
  const limit = announced(`${file}.json`, meta, sizeLimits.targets, verification);
  // A role may be called whatever its delegator likes: never a path of its own.
  const name = versioned(trusted, `${encodeURIComponent(file)}.json`, meta);
  const targets = readTargets(await demanded(verification.source, name, limit));
  requireListed(`${file}.json`, targets, meta, verification);
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
    if (/(^|\.)root\.json$/.test(name)) continue;
    const listed = fresh.meta.get(name);
    if (listed === undefined) throw new RefusedUpdate('rollback', `Snapshot does not list ${name} any more`);
    if (listed.version < version) {
      throw new RefusedUpdate('rollback', `Snapshot lists ${name} ${listed.version}, known is ${version}`);
    }
  }
}

/** In published repositories the announced length may be that of the canonical form, which is shorter. */
function announced(name: string, meta: ReadFileMeta, cap: number, { published }: Verification): number {
  const limit = announcedLimit(name, meta, cap);
  return published === true ? cap : limit;
}

function versioned({ root }: TrustedRepository, name: string, { version }: ReadFileMeta): string {
  return root.content.consistentSnapshot ? `${version}.${name}` : name;
}
