import { type Caller, requireEveryBrand } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Brand } from '../../registry/brand.ts';
import type { Cryptography, PublicKey } from '../uptane/key.ts';
import { keyIdOf } from '../uptane/signing.ts';
import { type Judgement, judgedSubmission, type Submission } from './judgement.ts';
import type { MetadataFiles, OnlineKey, RepositoryRecords } from './metadata-ports.ts';
import {
  currentFiles,
  type Publication,
  publishedFile,
  renewed,
  withDirectorRoot,
  withOfflineFile,
} from './publication.ts';
import { PublishedMetadata, repositoryNotFound } from './published-metadata.ts';
import {
  type OfflineRole,
  type PendingFile,
  type RepositoryName,
  type RepositoryState,
  rootRole,
} from './repository-state.ts';
import type { KnownReleases } from './signable-releases.ts';

export interface RepositoryPorts {
  readonly records: RepositoryRecords;
  readonly files: MetadataFiles;
  readonly onlineKeys: Readonly<Record<RepositoryName, () => Promise<OnlineKey>>>;
  readonly releases: KnownReleases;
  readonly cryptography: Cryptography;
  readonly clock: Clock;
  /** Every brand of this deployment. */
  readonly brands: readonly Brand[];
}

/** A repository as whoever signs for it wants to know it. */
export interface RepositoryView {
  readonly state: RepositoryState | undefined;
  readonly pending: readonly PendingFile[];
  readonly onlineKey: { readonly keyId: string; readonly key: PublicKey };
}

export type Submitted =
  | { readonly kind: 'published'; readonly version: number }
  | { readonly kind: 'pending'; readonly pending: PendingFile };

/** The repositories of metadata: what was signed offline comes in, what is signed in the cloud goes out. */
export class RepositoryService {
  readonly #ports: RepositoryPorts;

  constructor(ports: RepositoryPorts) {
    this.#ports = ports;
  }

  async view(repository: RepositoryName): Promise<RepositoryView> {
    const { records, cryptography } = this.#ports;
    const [state, pending, { publicKey: key }] = await Promise.all([
      records.load(repository),
      records.allPending(repository),
      this.#ports.onlineKeys[repository](),
    ]);
    return { state, pending, onlineKey: { keyId: keyIdOf(key, cryptography), key } };
  }

  /** The text as it is published, or as it is pending. */
  async text(repository: RepositoryName, role: OfflineRole, which: 'published' | 'pending'): Promise<string> {
    const { records, files } = this.#ports;
    const sha256 =
      which === 'pending'
        ? (await records.pending(repository, role))?.sha256
        : fileOf(await records.load(repository), role)?.meta.hashes.sha256;
    if (sha256 === undefined) throw notThere(which);
    return files.kept(sha256);
  }

  /** Takes in metadata that was signed offline; published as soon as enough have signed it. */
  async submit(caller: Caller, submission: Submission): Promise<Submitted> {
    this.requireRight(caller, submission);
    const { records, files } = this.#ports;
    const { repository, role } = submission;
    return untilSaved(async () => {
      const [state, pending] = await Promise.all([records.load(repository), records.pending(repository, role)]);
      const judgement = await this.#judged(submission, state, pending);
      if (judgement.kind === 'known') {
        if (state !== undefined) await this.#publish(state);
        return { kind: 'published', version: judgement.version };
      }
      const { sha256, text, file, missing } = judgement;
      await files.keep(sha256, text);
      if (missing === 0) return this.#saved(await this.#publication(submission, state, judgement), state, role);
      const next: PendingFile = {
        ...{ repository, role, version: file.content.version, sha256, missing, signedBy: judgement.signedBy },
        ...{ expiresAt: file.content.expiresAt, removes: judgement.removes },
        ...{
          proposedBy: pending?.proposedBy ?? caller.clientId,
          proposedAt: pending?.proposedAt ?? this.#ports.clock.now(),
        },
      };
      return (await records.savePending(next, pending)) ? { kind: 'pending', pending: next } : undefined;
    });
  }

  /** Dropping what is not pending changes nothing. */
  async dropPending(caller: Caller, repository: RepositoryName, role: OfflineRole): Promise<void> {
    this.requireRight(caller, { repository, role });
    const { records } = this.#ports;
    await untilSaved(async () => {
      const pending = await records.pending(repository, role);
      return pending === undefined || (await records.dropPending(pending)) ? true : undefined;
    });
  }

  /** Snapshot and Timestamp before they expire; and what somebody died over, before it was where vehicles read it. */
  async renew(): Promise<RepositoryState | undefined> {
    const { records, clock } = this.#ports;
    return untilSaved(async () => {
      const state = await records.load('image');
      if (state === undefined) return { state };
      const next = await renewed(state, await this.#notary(), clock.now());
      if (next === undefined) await this.#publish(state);
      else if ((await this.#saved(next, state)) === undefined) return undefined;
      return { state: next?.state ?? state };
    }).then(({ state }) => state);
  }

  async #judged(
    submission: Submission,
    state: RepositoryState | undefined,
    pending: PendingFile | undefined,
  ): Promise<Judgement> {
    const { files, cryptography, clock, onlineKeys, releases } = this.#ports;
    const { publicKey: key } = await onlineKeys[submission.repository]();
    return judgedSubmission(submission, {
      ...{ state, pending, releases, cryptography, now: clock.now(), onlineKeyId: keyIdOf(key, cryptography) },
      published: state === undefined ? undefined : new PublishedMetadata(state, files),
      before: pending === undefined ? undefined : await files.kept(pending.sha256),
    });
  }

  async #publication(
    { repository, role }: Submission,
    state: RepositoryState | undefined,
    { text, file: { content } }: Extract<Judgement, { kind: 'new' }>,
  ): Promise<Publication> {
    const { cryptography, clock } = this.#ports;
    const file = publishedFile(text, content.version, content.expiresAt, cryptography);
    if (repository === 'director') return withDirectorRoot(state, file, text);
    return withOfflineFile(state, role, file, text, await this.#notary(), clock.now());
  }

  async #notary() {
    return { signer: (await this.#ports.onlineKeys.image()).signer, digests: this.#ports.cryptography };
  }

  /** First the record, which one of several writers wins; then the files that it names, the Timestamp last. */
  async #saved(
    { state, files }: Publication,
    seen: RepositoryState | undefined,
    role?: OfflineRole,
  ): Promise<Submitted | undefined> {
    const { records, files: storage } = this.#ports;
    for (const { sha256, text } of files) await storage.keep(sha256, text);
    if (!(await records.save(state, seen?.revision, role))) return undefined;
    if (seen !== undefined && seen.published < seen.revision) await this.#publish(state);
    else {
      for (const { name, text } of files) await storage.publish(state.repository, name, text);
      await records.markPublished(state.repository, state.revision);
    }
    return { kind: 'published', version: (role === undefined ? undefined : fileOf(state, role)?.meta.version) ?? 0 };
  }

  /** Everything, unless it is there. */
  async #publish(state: RepositoryState): Promise<void> {
    if (state.published >= state.revision) return;
    const { files, records } = this.#ports;
    for (const { name, sha256 } of currentFiles(state)) {
      await files.publish(state.repository, name, await files.kept(sha256));
    }
    await records.markPublished(state.repository, state.revision);
  }

  /** Root and Targets concern every brand; who may sign for a delegated role is judged by the signature alone. */
  requireRight(caller: Caller, { role }: Pick<Submission, 'repository' | 'role'>): void {
    if (role === 'root' || role === 'targets') requireEveryBrand(caller, this.#ports.brands);
  }
}

function fileOf(state: RepositoryState | undefined, role: OfflineRole) {
  return role === rootRole ? state?.root : state?.targets[role];
}

function notThere(which: 'published' | 'pending'): Failure {
  if (which === 'published') return repositoryNotFound();
  return new Failure('not-found', 'nothing-pending', 'No version of this role waits for signatures.');
}
