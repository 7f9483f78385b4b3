import * as z from 'zod/mini';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Brand } from '../../registry/brand.ts';
import { ecuSchema } from '../../registry/inventory.ts';
import { imageSchema } from './ecu-image.ts';
import { approvalRecordSchema } from './type-approval.ts';

export type ReleaseId = string & { readonly releaseId: unique symbol };

export const releaseIdPattern = /^rel-[a-z2-7]{20}$/;

export function isReleaseId(text: string): text is ReleaseId {
  return releaseIdPattern.test(text);
}

const preconditionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('parked') }),
  z.strictObject({ kind: z.literal('ignition-off') }),
  z.strictObject({ kind: z.literal('battery'), percent: z.int().check(z.gte(1), z.lte(100)) }),
  z.strictObject({ kind: z.literal('not-charging') }),
]);

const line = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));

/** What car and app show. */
const textSchema = z.strictObject({
  title: line(120),
  notes: line(4000),
  unavailable: z.string().check(z.maxLength(500)),
});

/** BCP 47, as far as drivers' languages go: `de`, `fr-CA`, `zh-Hans`. */
const language = z
  .string()
  .check(z.regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/, 'is no language tag of BCP 47'));

/** An offer holds 6 KB, and the texts are most of it. */
const longestTexts = 5_000;

const textsSchema = z.record(language, textSchema).check(
  z.refine((texts) => Object.keys(texts).length > 0, 'names no language'),
  z.refine(
    (texts) => new TextEncoder().encode(JSON.stringify(texts)).length <= longestTexts,
    `is longer than ${longestTexts} bytes of JSON`,
  ),
);

/** What a release manager writes. */
export const releaseContentSchema = z.strictObject({
  /** The vehicle's software as a whole, afterwards. */
  softwareVersion: ecuSchema.shape.softwareVersion,
  images: z.array(imageSchema).check(z.minLength(1), z.maxLength(500)),
  texts: textsSchema,
  /** How long the vehicle cannot be used. */
  minutes: z.int().check(z.gte(1), z.lte(24 * 60)),
  preconditions: z.array(preconditionSchema).check(
    z.maxLength(4),
    z.refine((all) => new Set(all.map(({ kind }) => kind)).size === all.length, 'names a precondition twice'),
  ),
  approvalRecord: approvalRecordSchema,
});

export type ReleaseContent = z.infer<typeof releaseContentSchema>;

/** Who did it: as the audit names them. */
export interface Approval {
  readonly by: string;
  readonly at: Instant;
}

export type ReleaseState =
  /** Its files are being uploaded. */
  | { readonly status: 'draft' }
  /** Every file is there, whole. */
  | { readonly status: 'uploaded' }
  /** The Image repository vouches for every file, with its offline keys. */
  | { readonly status: 'signed'; readonly approvals: readonly Approval[] }
  /** Two people who did not write it want it driven. */
  | { readonly status: 'approved'; readonly approvals: readonly Approval[] }
  /** For good: no vehicle gets it any more. */
  | { readonly status: 'withdrawn'; readonly approvals: readonly Approval[] };

/** One step of its way, for the evidence. */
export interface ReleaseStep {
  readonly status: ReleaseState['status'];
  readonly by: string;
  readonly at: Instant;
}

export interface Release extends ReleaseContent {
  readonly releaseId: ReleaseId;
  readonly brand: Brand;
  readonly author: string;
  readonly createdAt: Instant;
  readonly state: ReleaseState;
  readonly steps: readonly ReleaseStep[];
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

export function draftedRelease(
  content: ReleaseContent,
  brand: Brand,
  author: string,
  { operationId, startedAt: at }: Operation,
): Release {
  const releaseId = `rel-${operationId}`;
  if (!isReleaseId(releaseId)) throw new RangeError('An operation id is 20 base32 characters');
  const steps = [{ status: 'draft' as const, by: author, at }];
  return { ...content, releaseId, brand, author, createdAt: at, state: { status: 'draft' }, steps, version: 1 };
}

/** The same release, unless it was a draft. */
export function uploaded(release: Release, by: string, at: Instant): Release {
  if (release.state.status !== 'draft') return unlessWithdrawn(release);
  return stepped(release, { status: 'uploaded' }, by, at);
}

export function signed(release: Release, by: string, at: Instant): Release {
  const { status } = release.state;
  if (status === 'draft') throw inOtherState(release, 'Its files are not all uploaded yet.');
  if (status !== 'uploaded') return unlessWithdrawn(release);
  return stepped(release, { status: 'signed', approvals: [] }, by, at);
}

/** How many people have to want it. */
export const approvalsNeeded = 2;

/** One more approval. Approving it again changes nothing; neither does one who wrote it approve it. */
export function approvedBy(release: Release, by: string, at: Instant): Release {
  if (by === release.author) {
    throw new Failure('forbidden', 'own-release', 'Who wrote a release does not approve it.', {
      resolution: `Let ${approvalsNeeded} others approve it, each with a token of their own.`,
    });
  }
  const { state } = release;
  if (state.status === 'approved') return release;
  if (state.status !== 'signed') throw inOtherState(release, 'Only a signed release can be approved.');
  if (state.approvals.some((approval) => approval.by === by)) return release;
  const approvals = [...state.approvals, { by, at }];
  if (approvals.length < approvalsNeeded) return changed(release, { status: 'signed', approvals });
  return stepped(release, { status: 'approved', approvals }, by, at);
}

export function withdrawn(release: Release, by: string, at: Instant): Release {
  const { state } = release;
  if (state.status === 'withdrawn') return release;
  return stepped(release, { status: 'withdrawn', approvals: approvalsOf(release) }, by, at);
}

export function approvalsOf({ state }: Pick<Release, 'state'>): readonly Approval[] {
  return state.status === 'draft' || state.status === 'uploaded' ? [] : state.approvals;
}

export function requireDraft(release: Release): void {
  if (release.state.status !== 'draft') throw inOtherState(release, 'Files are uploaded to a draft alone.');
}

function unlessWithdrawn(release: Release): Release {
  if (release.state.status === 'withdrawn') throw inOtherState(release, 'Nothing brings it back.');
  return release;
}

function inOtherState({ state }: Release, detail: string): Failure {
  return new Failure('conflict', 'release-in-other-state', `The release is ${state.status}. ${detail}`);
}

function stepped(release: Release, state: ReleaseState, by: string, at: Instant): Release {
  return { ...changed(release, state), steps: [...release.steps, { status: state.status, by, at }] };
}

function changed(release: Release, state: ReleaseState): Release {
  return { ...release, state, version: release.version + 1 };
}
