import type { Instant } from '../../kernel/clock.ts';
import type { Digests, Signer } from '../uptane/key.ts';
import { snapshotPayload, timestampPayload } from '../uptane/payloads.ts';
import { fileMeta, signed } from '../uptane/signing.ts';
import {
  fileName,
  type OfflineRole,
  type PublishedFile,
  type RepositoryState,
  rootRole,
  timestampName,
} from './repository-state.ts';

const day = 24 * 3_600_000;
/** Long enough for a weekend on which nobody looks, short enough that withheld news are noticed. */
const snapshotLife = 14 * day;
const timestampLife = 3 * day;
/** Renewed when less than this part of their life is left. */
const renewalPart = 1 / 2;

/** A change of a repository, not written yet. */
export interface Publication {
  readonly state: RepositoryState;
  /** What is new, in the order in which it is written: the file that names the others comes last. */
  readonly files: readonly NewFile[];
}

export interface NewFile {
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

export interface Notary {
  /** Of Snapshot and Timestamp. */
  readonly signer: Signer;
  readonly digests: Digests;
}

/** A file that was signed offline, as the state lists it. */
export function publishedFile(text: string, version: number, expiresAt: Instant, digests: Digests): PublishedFile {
  const meta = fileMeta(text, version, digests);
  return {
    meta: { ...meta, hashes: { ...meta.hashes, sha256: digests.digest('sha256', new TextEncoder().encode(text)) } },
    expiresAt,
  };
}

/** The Director's Root, to which no Snapshot belongs: its other roles are made for each vehicle. */
export function withDirectorRoot(seen: RepositoryState | undefined, root: PublishedFile, text: string): Publication {
  return { state: withRootFile(seen, 'director', root), files: [fileOf(rootRole, root, text)] };
}

/** The Image repository with another Root, or other Targets, under a new Snapshot and Timestamp. */
export async function withOfflineFile(
  seen: RepositoryState | undefined,
  role: OfflineRole,
  file: PublishedFile,
  text: string,
  notary: Notary,
  now: Instant,
): Promise<Publication> {
  const state = role === rootRole ? withRootFile(seen, 'image', file) : withTargetsFile(seen, role, file);
  const published = fileOf(role, file, text);
  if (Object.keys(state.targets).length === 0) return { state, files: [published] };
  const { state: next, files } = await resealed(state, notary, now);
  return { state: next, files: [published, ...files] };
}

/** The same repository with a Timestamp, and where it is time a Snapshot, that expire later; undefined: not yet. */
export async function renewed(state: RepositoryState, notary: Notary, now: Instant): Promise<Publication | undefined> {
  const { online } = state;
  if (online === undefined) return undefined;
  const isDue = (file: PublishedFile, life: number) => file.expiresAt - now < life * renewalPart;
  const next = { ...state, revision: state.revision + 1 };
  if (isDue(online.snapshot, snapshotLife)) return resealed(next, notary, now);
  if (isDue(online.timestamp, timestampLife)) return restamped(next, online.snapshot, [], notary, now);
  return undefined;
}

function withRootFile(
  seen: RepositoryState | undefined,
  repository: RepositoryState['repository'],
  root: PublishedFile,
): RepositoryState {
  const { sha256 } = root.meta.hashes;
  if (seen === undefined) return { repository, root, roots: [sha256], targets: {}, revision: 1, published: 0 };
  return { ...seen, root, roots: [...seen.roots, sha256], revision: seen.revision + 1 };
}

function withTargetsFile(seen: RepositoryState | undefined, role: OfflineRole, file: PublishedFile): RepositoryState {
  if (seen === undefined) throw new RangeError('Targets without a Root');
  return { ...seen, targets: { ...seen.targets, [role]: file }, revision: seen.revision + 1 };
}

async function resealed(state: RepositoryState, notary: Notary, now: Instant): Promise<Publication> {
  const version = (state.online?.snapshot.meta.version ?? 0) + 1;
  const expiresAt = now + snapshotLife;
  const meta = Object.fromEntries(Object.entries(state.targets).map(([role, { meta: its }]) => [`${role}.json`, its]));
  const text = await signed(snapshotPayload({ version, expiresAt }, meta), [notary.signer]);
  const snapshot = publishedFile(text, version, expiresAt, notary.digests);
  return restamped(state, snapshot, [fileOf('snapshot', snapshot, text)], notary, now);
}

async function restamped(
  state: RepositoryState,
  snapshot: PublishedFile,
  before: readonly NewFile[],
  { signer, digests }: Notary,
  now: Instant,
): Promise<Publication> {
  const version = (state.online?.timestamp.meta.version ?? 0) + 1;
  const expiresAt = now + timestampLife;
  const text = await signed(timestampPayload({ version, expiresAt }, snapshot.meta, now), [signer]);
  const timestamp = publishedFile(text, version, expiresAt, digests);
  const file = { name: timestampName, sha256: timestamp.meta.hashes.sha256, text };
  return { state: { ...state, online: { snapshot, timestamp } }, files: [...before, file] };
}

function fileOf(role: string, { meta }: PublishedFile, text: string): NewFile {
  return { name: fileName(role, meta.version), sha256: meta.hashes.sha256, text };
}

/** Every file that vehicles may ask for at present, by name and hash, the one that names the others last. */
export function currentFiles(state: RepositoryState): readonly Omit<NewFile, 'text'>[] {
  const named = (role: string, { meta }: PublishedFile) => ({
    name: fileName(role, meta.version),
    sha256: meta.hashes.sha256,
  });
  const { online } = state;
  return [
    ...state.roots.map((sha256, index) => ({ name: fileName(rootRole, index + 1), sha256 })),
    ...Object.entries(state.targets).map(([role, file]) => named(role, file)),
    ...(online === undefined
      ? []
      : [named('snapshot', online.snapshot), { name: timestampName, sha256: online.timestamp.meta.hashes.sha256 }]),
  ];
}
