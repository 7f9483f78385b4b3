import * as z from 'zod/mini';
import type { Decision, UpdateOffer } from '#shared/vehicle-cloud/update-envelopes.ts';
import { preconditionSchema } from './installation/installation.ts';

const textSchema = z.object({ title: z.string(), notes: z.string(), unavailable: z.string() });

/** The twin merges: members of a former state may still be there, and are read over. */
export const offerSchema = z.object({
  campaignId: z.string(),
  releaseId: z.string(),
  revision: z.int(),
  softwareVersion: z.string(),
  texts: z.record(z.string(), textSchema),
  minutes: z.number(),
  bytes: z.number(),
  preconditions: z.array(preconditionSchema),
  recall: z.boolean(),
  consentBy: z.enum(['owner', 'operator']),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('offered') }),
    z.object({ status: z.literal('declined'), remindAt: z.number() }),
    z.object({ status: z.literal('muted') }),
    z.object({ status: z.literal('accepted'), from: z.number(), to: z.number() }),
    z.object({ status: z.literal('stopped') }),
  ]),
}) satisfies z.ZodMiniType<UpdateOffer>;

export const decisionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accept'), from: z.number(), to: z.number() }),
  z.object({ kind: z.literal('decline') }),
  z.object({ kind: z.literal('mute') }),
]) satisfies z.ZodMiniType<Decision>;

/** What was said on the car's screen, and of which offer. */
export interface Choice {
  readonly campaignId: string;
  readonly revision: number;
  readonly decision: Decision;
  readonly at: number;
  /** In which the offer stood on the screen. */
  readonly language?: string;
}

/** A driver who declined is asked again after two days, in ms; the cloud says the same. */
const reminderAfter = 2 * 24 * 3_600_000;

/** What the cloud takes of a window, ms. */
const shortestWindow = 60_000;
const furthestWindow = 30 * 24 * 3_600_000;

/** The offer as it stands on board: what was just said counts before the cloud has heard of it. */
export function asChosen(offer: UpdateOffer, choice: Choice | undefined, now: number): UpdateOffer {
  if (choice === undefined || choice.campaignId !== offer.campaignId || choice.revision !== offer.revision)
    return offer;
  const { decision, at } = choice;
  switch (decision.kind) {
    case 'accept':
      // The cloud heard of it when the time was over, or not at all.
      if (decision.to <= now) return offer;
      return { ...offer, state: { status: 'accepted', from: decision.from, to: decision.to } };
    case 'decline':
      return { ...offer, state: { status: 'declined', remindAt: at + reminderAfter } };
    case 'mute':
      return { ...offer, state: { status: 'muted' } };
    default:
      return decision satisfies never;
  }
}

/**
 * Whether an attempt goes on under this offer: it is the revision that it began with, or what the cloud has made of the
 * driver's own acceptance of that. Any other may come after a refusal, with which the cloud ends an attempt.
 */
export function isSameConsent(begun: number, { campaignId, revision, state }: UpdateOffer, choice?: Choice): boolean {
  if (revision === begun) return true;
  if (revision !== begun + 1 || choice?.campaignId !== campaignId || choice.revision !== begun) return false;
  const { decision } = choice;
  return (
    decision.kind === 'accept' &&
    state.status === 'accepted' &&
    state.from === decision.from &&
    state.to === decision.to
  );
}

/** Whether the screen shows it by itself. */
export function isDue({ state }: UpdateOffer, now: number): boolean {
  return state.status === 'offered' || (state.status === 'declined' && state.remindAt <= now);
}

/** Between which instants it may be installed; undefined where nobody has consented. */
export function consentedWindow({ state }: UpdateOffer): { from: number; to: number } | undefined {
  return state.status === 'accepted' ? { from: state.from, to: state.to } : undefined;
}

/** Why this cannot be decided about this offer. */
export function objection(offer: UpdateOffer | undefined, decision: Decision, now: number): string | undefined {
  if (offer === undefined || offer.state.status === 'stopped') return 'There is no offer.';
  if (offer.consentBy === 'operator') return 'The operator of the vehicle decides about this update.';
  if (decision.kind === 'mute' && offer.recall) return 'A recall cannot be muted.';
  if (decision.kind !== 'accept') return undefined;
  if (decision.to - decision.from < shortestWindow) return 'The window is not a minute long.';
  if (decision.to <= now) return 'The window is over.';
  return decision.to > now + furthestWindow ? 'The window ends more than 30 days ahead.' : undefined;
}
