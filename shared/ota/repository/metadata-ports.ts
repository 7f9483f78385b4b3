import type { PublicKey, Signer } from '../uptane/key.ts';
import type { OfflineRole, PendingFile, RepositoryName, RepositoryState } from './repository-state.ts';

/** Where the states of the repositories are kept. */
export interface RepositoryRecords {
  load(repository: RepositoryName): Promise<RepositoryState | undefined>;
  /**
   * With it goes what was pending for the role, if a role is named. False when the repository is no longer at the revision
   * that was seen; undefined: it is the first.
   */
  save(state: RepositoryState, seen: number | undefined, role?: OfflineRole): Promise<boolean>;
  /** What is written by now; nothing where the repository has gone on meanwhile. */
  markPublished(repository: RepositoryName, revision: number): Promise<void>;
  pending(repository: RepositoryName, role: OfflineRole): Promise<PendingFile | undefined>;
  allPending(repository: RepositoryName): Promise<readonly PendingFile[]>;
  /** False when what is pending is no longer what was seen. */
  savePending(pending: PendingFile, seen: PendingFile | undefined): Promise<boolean>;
  /** False when it is no longer what was seen. */
  dropPending(seen: PendingFile): Promise<boolean>;
}

/** The texts of metadata, under their own hashes. */
export interface KeptTexts {
  /** Writes the text down under its own hash. */
  keep(sha256: string, text: string): Promise<void>;
  kept(sha256: string): Promise<string>;
}

export interface MetadataFiles extends KeptTexts {
  /** Puts it where vehicles, or the Director, read it. */
  publish(repository: RepositoryName, name: string, text: string): Promise<void>;
}

/** Of the roles that are signed in the cloud; never the other repository's. */
export interface OnlineKey {
  /** As it stands in a Root. */
  readonly publicKey: PublicKey;
  readonly signer: Signer;
}
