import * as z from 'zod/mini';
import type { Instant } from '#shared/kernel/clock.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { happenings, type Story, storySince } from '#shared/ota/updates/story.ts';
import { type Update, updateStatuses } from '#shared/ota/updates/update.ts';
import type { ShownUpdate } from '#shared/ota/updates/update-service.ts';
import type { Decision, UpdateOffer } from '#shared/vehicle-cloud/update-envelopes.ts';
import { as, instant, instantParameter, isoTime, vehicleIdText } from '../schemas.ts';
import { campaignIdText } from './campaign-view.ts';

export const tag = 'Updates';
export const ofVehiclePath = z.object({ vehicleId: vehicleIdText });
export const oneUpdatePath = z.object({ vehicleId: vehicleIdText, campaignId: campaignIdText });

const offerStateSchema = z.object({
  status: z.enum(['offered', 'declined', 'muted', 'accepted', 'stopped']),
  remindAt: z.exactOptional(instant('Not shown by itself before')),
  from: z.exactOptional(instant()),
  to: z.exactOptional(instant()),
});

const offerSchema = z.object({
  texts: as(z.record(z.string(), z.object({ title: z.string(), notes: z.string(), unavailable: z.string() })), {
    description: 'By language (BCP 47): what it brings, and what cannot be used meanwhile. Car and app say the same.',
  }),
  minutes: as(z.int(), { description: 'How long the vehicle cannot be used' }),
  bytes: as(z.int(), { description: 'To be downloaded, at the most' }),
  preconditions: z.array(z.object({ kind: z.string(), percent: z.exactOptional(z.number()) })),
  state: offerStateSchema,
});

export const phaseSchema = z.enum(['downloading', 'waiting', 'installing', 'checking', 'falling-back']);
export const safetySchema = z.enum(['safe', 'unsafe-to-drive', 'unknown']);

export const momentSchema = z.object({
  at: instant(),
  what: as(z.enum(happenings), { description: '`more`: `times` moments before this one are not told any more' }),
  by: z.exactOptional(
    as(z.enum(['owner', 'driver', 'operator', 'schedule', 'assistance', 'campaign']), {
      description: 'In which role; never who',
    }),
  ),
  phase: z.exactOptional(phaseSchema),
  error: z.exactOptional(z.enum(failureClasses)),
  safety: z.exactOptional(safetySchema),
  reason: z.exactOptional(z.enum(['not-needed', 'not-eligible', 'vehicle-retired'])),
  times: z.exactOptional(z.int()),
});

export const storySchema = as(z.array(momentSchema), {
  description: 'What happened, the oldest first; at most twenty moments',
});

export const updateSchema = as(
  z.object({
    campaignId: z.string(),
    releaseId: z.string(),
    softwareVersion: z.string(),
    revision: as(z.int(), { description: 'Of the offer; a decision names the one it was made of' }),
    recall: as(z.boolean(), { description: 'Cannot be muted' }),
    consentBy: z.enum(['owner', 'operator']),
    status: z.enum(updateStatuses),
    attempt: z.int(),
    phase: z.exactOptional(phaseSchema),
    percent: z.exactOptional(as(z.int(), { description: 'Of the phase, when it was heard of last' })),
    error: z.exactOptional(z.enum(failureClasses)),
    retryAt: z.exactOptional(instant()),
    safety: z.exactOptional(safetySchema),
    detail: z.exactOptional(z.string()),
    changedAt: instant(),
    story: storySchema,
    offer: z.exactOptional(offerSchema),
  }),
  { id: 'Update' },
);

export const updateExample: z.infer<typeof updateSchema> = {
  campaignId: 'cmp-01l8q3m2gk3vq7n2mzt5',
  releaseId: 'rel-k3vq7n2mzt5ahx6cwp4r',
  softwareVersion: '5.5.0',
  ...{ revision: 1, recall: false, consentBy: 'owner', status: 'offered', attempt: 0 },
  changedAt: '2026-11-21T08:30:00.000Z',
  story: [{ at: '2026-11-21T08:30:00.000Z', what: 'offered' }],
  offer: {
    texts: {
      en: { title: 'Software 5.5', notes: 'Charges faster in the cold.', unavailable: 'The car stands still.' },
    },
    ...{ minutes: 20, bytes: 1_000_000_000, preconditions: [{ kind: 'parked' }, { kind: 'battery', percent: 30 }] },
    state: { status: 'offered' },
  },
};

export function viewOf({ update, offer }: ShownUpdate): z.infer<typeof updateSchema> {
  const { campaignId, releaseId, softwareVersion, revision, recall, consentBy, attempt, state, changedAt, story } =
    update;
  return {
    ...{ campaignId, releaseId, softwareVersion, revision, recall, consentBy, status: state.status, attempt },
    ...courseOf(state),
    changedAt: isoTime(changedAt),
    story: storyViewOf(story),
    ...(offer !== undefined && { offer: offerViewOf(offer) }),
  };
}

/** As its owner since then sees it. */
export function ownViewOf({ update, offer }: ShownUpdate, since: Instant): z.infer<typeof updateSchema> {
  return viewOf({ update: { ...update, story: storySince(update.story, since) }, offer });
}

export function storyViewOf(story: Story): z.infer<typeof storySchema> {
  return story.map((moment) => ({ ...moment, at: isoTime(moment.at) }));
}

function courseOf(state: Update['state']) {
  switch (state.status) {
    case 'working':
      return { phase: state.phase, percent: state.percent };
    case 'retrying':
      return { error: state.error, retryAt: isoTime(state.due) };
    case 'failed':
      return {
        ...{ error: state.error, safety: state.safety },
        ...(state.detail !== undefined && { detail: state.detail }),
      };
    default:
      return {};
  }
}

function offerViewOf({ texts, minutes, bytes, preconditions, state }: UpdateOffer): z.infer<typeof offerSchema> {
  return {
    ...{ texts, minutes, bytes, preconditions: preconditions.map((one) => ({ ...one })) },
    state: {
      status: state.status,
      ...('remindAt' in state && { remindAt: isoTime(state.remindAt) }),
      ...('from' in state && { from: isoTime(state.from), to: isoTime(state.to) }),
    },
  };
}

const revision = as(z.int().check(z.nonnegative()), { description: 'Of the offer that was shown' });

export const decisionSchema = as(
  z.discriminatedUnion('kind', [
    z.strictObject({
      ...{ kind: z.literal('accept'), revision },
      from: instantParameter('Not installed before'),
      to: instantParameter('Not begun after'),
    }),
    as(z.strictObject({ kind: z.literal('decline'), revision }), { description: 'Brought to mind in two days' }),
    as(z.strictObject({ kind: z.literal('mute'), revision }), { description: 'Never shown by itself any more' }),
  ]),
  { id: 'UpdateDecision' },
);

export function decisionOf({ revision: _, ...decision }: z.infer<typeof decisionSchema>): Decision {
  return decision;
}

export const decisionExamples = {
  tonight: { kind: 'accept', revision: 1, from: '2026-11-22T02:00:00Z', to: '2026-11-22T05:00:00Z' },
  later: { kind: 'decline', revision: 1 },
};

/** All updates of one vehicle: no page, since they are as many as campaigns were for it. */
export function updatesReply(description: string) {
  return {
    description,
    schema: z.object({ updates: z.array(updateSchema) }),
    example: { updates: [updateExample] },
  };
}
