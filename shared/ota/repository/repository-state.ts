import type { Instant } from '../../kernel/clock.ts';
import type { FileMeta } from '../uptane/metadata.ts';

/** The two repositories of the Uptane Standard: what there is, and what each vehicle shall install. */
export const repositoryNames = ['image', 'director'] as const;
export type RepositoryName = (typeof repositoryNames)[number];

/** Roles whose keys never come into the cloud: `root`, and of the Image repository `targets` and what it delegates to. */
export type OfflineRole = string & { readonly offlineRole: unique symbol };

const roleName = /^[a-z][a-z0-9-]{0,63}$/;
const onlineRoles: readonly string[] = ['snapshot', 'timestamp'];

/** A name without dots, so that `<version>.<name>.json` says what it is. */
export function isOfflineRole(text: string): text is OfflineRole {
  return roleName.test(text) && !onlineRoles.includes(text);
}

function offlineRole(text: string): OfflineRole {
  if (!isOfflineRole(text)) throw new RangeError(`${text} is no role that is signed offline`);
  return text;
}

export const rootRole = offlineRole('root');
export const targetsRole = offlineRole('targets');

/** One file as it is published; its text is kept under its SHA-256. */
export interface PublishedFile {
  readonly meta: FileMeta & { readonly hashes: { readonly sha256: string } };
  readonly expiresAt: Instant;
}

/** What a repository says at present, all of it at once. */
export interface RepositoryState {
  readonly repository: RepositoryName;
  readonly root: PublishedFile;
  /** Of each root so far, the first one first: a vehicle walks through them. */
  readonly roots: readonly string[];
  /** Of the Image repository: `targets` and each delegated role that was ever published. No entry ever goes. */
  readonly targets: Readonly<Record<string, PublishedFile>>;
  /** From the first Targets on. */
  readonly online?: { readonly snapshot: PublishedFile; readonly timestamp: PublishedFile };
  /** Rises with every change; a save names the one it has seen. */
  readonly revision: number;
  /** So far the files are where vehicles read them: behind `revision` only while somebody writes them, or died of it. */
  readonly published: number;
}

/** A version that not enough of its keys have signed yet. */
export interface PendingFile {
  readonly repository: RepositoryName;
  readonly role: OfflineRole;
  readonly version: number;
  /** Under which its text is kept. */
  readonly sha256: string;
  readonly signedBy: readonly string[];
  /** Still to sign: of the threshold, or of the larger lack where two have to be reached. */
  readonly missing: number;
  readonly expiresAt: Instant;
  /** Targets and roles that it takes away, which whoever proposed it has named. */
  readonly removes: readonly string[];
  readonly proposedBy: string;
  readonly proposedAt: Instant;
}

/** The name of a file where vehicles read it: each version has its own, so that nobody reads two that do not belong together. */
export function fileName(role: string, version: number): string {
  return `${version}.${role}.json`;
}

/** The one name that is written again and again. */
export const timestampName = 'timestamp.json';
