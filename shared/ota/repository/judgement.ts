import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { utf8 } from '../uptane/canonical.ts';
import type { Cryptography } from '../uptane/key.ts';
import { type ReadFile, type ReadRoot, type ReadTargets, readRoot, readTargets } from '../uptane/metadata-reader.ts';
import {
  requireNamedRemovals,
  requireNext,
  requireUnexpired,
  requireUsableDelegations,
  requireUsableRoot,
  rootAuthority,
} from './offline-rules.ts';
import { type PublishedMetadata, repositoryNotFound } from './published-metadata.ts';
import {
  type OfflineRole,
  type PendingFile,
  type RepositoryName,
  type RepositoryState,
  rootRole,
} from './repository-state.ts';
import { type KnownReleases, requireSignableReleases } from './signable-releases.ts';
import { type Authority, type Collected, collected, type Dated, readMetadata } from './submission.ts';

/** Metadata that somebody has signed offline. */
export interface Submission {
  readonly repository: RepositoryName;
  readonly role: OfflineRole;
  readonly text: string;
  /** Targets and roles that are published and shall go. */
  readonly removes: readonly string[];
}

export interface Circumstances {
  readonly state: RepositoryState | undefined;
  readonly published: PublishedMetadata | undefined;
  readonly pending: PendingFile | undefined;
  /** The text of what is pending. */
  readonly before: string | undefined;
  readonly onlineKeyId: string;
  readonly releases: KnownReleases;
  readonly cryptography: Cryptography;
  readonly now: Instant;
}

export type Judgement =
  /** This very version is published already. */
  | { readonly kind: 'known'; readonly version: number }
  | ({ readonly kind: 'new'; readonly sha256: string; readonly removes: readonly string[] } & Collected<Dated>);

/** @throws Failure that says why it can never be published, or not now */
export async function judgedSubmission(submission: Submission, circumstances: Circumstances): Promise<Judgement> {
  const { repository, role } = submission;
  if (role === rootRole) return judgedRoot(submission, circumstances);
  if (repository === 'director') {
    throw new Failure(
      'unacceptable',
      'role-not-offline',
      'Of the Director’s repository, Root alone is signed offline.',
      {
        resolution: 'Its Targets are made for each vehicle, in the cloud.',
      },
    );
  }
  return judgedTargets(submission, circumstances);
}

async function judgedRoot(submission: Submission, circumstances: Circumstances): Promise<Judgement> {
  const { published, onlineKeyId } = circumstances;
  const former = await published?.root();
  const { content } = readMetadata(readRoot, submission.text);
  const own = rootAuthority(content, 'root');
  const before = former === undefined ? undefined : rootAuthority(former.content, 'root');
  const authorities = [own, before].flatMap((authority) => authority ?? []);
  return judged<ReadRoot>(submission, circumstances, { read: readRoot, former, authorities }, (root) =>
    requireUsableRoot(root, submission.repository, onlineKeyId),
  );
}

async function judgedTargets(submission: Submission, circumstances: Circumstances): Promise<Judgement> {
  const { published, pending, releases } = circumstances;
  if (published === undefined) throw repositoryNotFound();
  const authority = await published.authorityOf(submission.role);
  if (authority === undefined) {
    throw new Failure('not-found', 'role-not-delegated', 'No published Targets delegate to this role.', {
      resolution: 'Publish Targets that delegate to it first.',
    });
  }
  const former = await published.targets(submission.role);
  const removes = [...new Set([...submission.removes, ...(pending?.removes ?? [])])];
  const rules = { read: readTargets, former, authorities: [authority] };
  const judgement = judged<ReadTargets>({ ...submission, removes }, circumstances, rules, (targets) => {
    requireNamedRemovals(targets, former?.content, removes);
    requireUsableDelegations(targets);
  });
  // Of what is under way with a release, only those hear who may sign.
  if (judgement.kind === 'new')
    await requireSignableReleases(readTargets(judgement.text).content, former?.content, releases);
  return judgement;
}

interface Rules<Content> {
  readonly read: (text: string) => ReadFile<Content>;
  readonly former: ReadFile<Content> | undefined;
  readonly authorities: readonly Authority[];
}

function judged<Content extends Dated>(
  { text, removes }: Submission,
  { before, cryptography, now }: Circumstances,
  { read, former, authorities }: Rules<Content>,
  require: (content: Content) => void,
): Judgement {
  const sent = readMetadata(read, text);
  const digest = (bytes: Uint8Array) => cryptography.digest('sha256', bytes);
  if (former !== undefined && digest(former.signedBytes) === digest(sent.signedBytes)) {
    return { kind: 'known', version: former.content.version };
  }
  requireNext(sent.content, former?.content.version ?? 0);
  requireUnexpired(sent.content, now);
  require(sent.content);
  const all = collected(text, read, authorities, stillNext(before, read, sent.content), cryptography);
  return { kind: 'new', sha256: digest(utf8(all.text)), removes, ...all };
}

/** What waits for a version that has been published since waits for nothing. */
function stillNext<Content extends Dated>(
  before: string | undefined,
  read: (text: string) => ReadFile<Content>,
  { version }: Dated,
): string | undefined {
  return before !== undefined && read(before).content.version === version ? before : undefined;
}
