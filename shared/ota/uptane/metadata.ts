import type { Hashes, PublicKey, Signature } from './key.ts';

/**
 * The metadata of a repository as the Uptane Standard has it, in the JSON of its published repositories: a file is
 * `{"signatures": […], "signed": {"_type": "Root" | "Targets" | "Snapshot" | "Timestamp", …}}`, the signatures are
 * over the canonical form of `signed`. Times are ISO 8601 in UTC, `2038-01-19T03:14:06Z`.
 */
export interface SignedFile<Signed> {
  readonly signatures: readonly Signature[];
  readonly signed: Signed;
}

export interface Role {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

export type TopRole = 'root' | 'targets' | 'snapshot' | 'timestamp';

interface Common {
  readonly version: number;
  readonly expires: string;
}

export interface Root extends Common {
  readonly _type: 'Root';
  /** Files are asked for as `<version>.<name>`, all but `timestamp.json`. */
  readonly consistent_snapshot: boolean;
  /** By key id. */
  readonly keys: Readonly<Record<string, PublicKey>>;
  readonly roles: Readonly<Record<TopRole, Role>>;
}

/** What one file says about another. */
export interface FileMeta {
  readonly version: number;
  readonly length?: number;
  readonly hashes?: Hashes;
}

export interface Timestamp extends Common {
  readonly _type: 'Timestamp';
  readonly meta: { readonly 'snapshot.json': FileMeta };
  /** Not in the standard: when it was issued. A vehicle begins to install with a fresh one only. */
  readonly custom?: { readonly issuedAt: string };
}

export interface Snapshot extends Common {
  readonly _type: 'Snapshot';
  /** `targets.json` and each delegated role's file. */
  readonly meta: Readonly<Record<string, FileMeta>>;
}

export interface Target<Custom> {
  readonly length: number;
  readonly hashes: Hashes;
  readonly custom: Custom;
}

export interface Targets<TargetCustom, Custom = undefined> extends Common {
  readonly _type: 'Targets';
  /** By file name, relative to where images are read. */
  readonly targets: Readonly<Record<string, Target<TargetCustom>>>;
  readonly delegations?: Delegations;
  readonly custom?: Custom;
}

/** Only in the Image repository. */
export interface Delegations {
  readonly keys: Readonly<Record<string, PublicKey>>;
  /** In the order in which they are searched. */
  readonly roles: readonly DelegatedRole[];
}

export interface DelegatedRole extends Role {
  /** Its file is `<name>.json`. */
  readonly name: string;
  /** Shell patterns: `*` and `?` stay within one segment. */
  readonly paths: readonly string[];
  /** Where it is given, images for other hardware are none of this role's business. */
  readonly hardwareIds?: readonly string[];
  /** Whatever these paths do not lead to is nowhere else either. */
  readonly terminating: boolean;
}
