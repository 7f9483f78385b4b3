import * as z from 'zod/mini';
import { adviceFor } from '#shared/ota/assistance/advice.ts';
import { type AssistanceCase, closingReasons, deeds, urgencyOf } from '#shared/ota/assistance/case.ts';
import { type CaseId, caseIdOf, caseIdPattern, isCaseId } from '#shared/ota/assistance/case-id.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { happenings } from '#shared/ota/updates/story.ts';
import { type Update, updateStatuses } from '#shared/ota/updates/update.ts';
import type { Connection } from '#shared/registry/presence.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { momentSchema, phaseSchema, safetySchema, storyViewOf } from './update-view.ts';

export const tag = 'Assistance';

const caseIdText = text<CaseId>(isCaseId, () => 'is no case id', {
  pattern: caseIdPattern.source,
  description: 'Identifier of the case: one vehicle has one in each campaign',
});
export const onePath = z.object({ caseId: caseIdText });

const caseFields = {
  caseId: z.string(),
  vehicleId: z.string(),
  campaignId: z.string(),
  brand: z.string(),
  model: z.string(),
  softwareVersion: as(z.string(), { description: 'That the vehicle was to have' }),
  status: z.enum(['open', 'closed']),
  urgency: as(z.enum(['unsafe', 'stuck', 'failed', 'handed-over']), { description: '`unsafe`: must not be driven' }),
  error: z.exactOptional(z.enum(failureClasses)),
  safety: as(safetySchema, { description: 'As the vehicle says' }),
  detail: z.exactOptional(as(z.string(), { description: 'In the vehicle’s own words' })),
  ecuId: z.exactOptional(z.string()),
  attack: z.exactOptional(as(z.string(), { description: 'That it has refused' })),
  phase: z.exactOptional(phaseSchema),
  towedAt: z.exactOptional(instant()),
  openedAt: instant(),
  changedAt: instant(),
  closed: z.exactOptional(z.object({ at: instant(), by: z.string(), reason: z.enum(closingReasons) })),
};

export const caseSchema = as(z.object(caseFields), { id: 'AssistanceCase' });

const eventSchema = z.object({
  ...momentSchema.shape,
  what: as(z.enum([...happenings, ...deeds.filter((deed) => deed !== 'retried' && deed !== 'cancelled')]), {
    description: 'Of the update, or of the case',
  }),
  by: z.exactOptional(as(z.string(), { description: 'A role, a client, or `platform`' })),
  text: z.exactOptional(z.string()),
});

export const caseStorySchema = as(
  z.object({
    ...caseFields,
    update: z.exactOptional(
      as(z.object({ status: z.enum(updateStatuses), attempt: z.int(), changedAt: instant() }), {
        description: 'As it is now',
      }),
    ),
    connection: as(z.object({ connected: z.boolean(), since: z.exactOptional(instant()) }), {
      description: 'Last known',
    }),
    timeline: as(z.array(eventSchema), {
      description: 'What happened to the update, and what was done about it; the oldest first',
    }),
    next: as(
      z.array(
        z.object({
          action: z.enum(['tow', 'retry', 'cancel', 'close', 'call', 'wait', 'report']),
          because: z.string(),
        }),
      ),
      { description: 'What may be done, the most pressing first' },
    ),
  }),
  { id: 'AssistanceCaseStory' },
);

type CaseView = z.infer<typeof caseSchema>;
type CaseStoryView = z.infer<typeof caseStorySchema>;

export const caseExample: CaseView = {
  caseId: 'case-01l8q3m2gk3vq7n2mzt5-k3vq7n2mzt5ahx6cwp4r',
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  campaignId: 'cmp-01l8q3m2gk3vq7n2mzt5',
  ...{ brand: 'volkswagen', model: 'ID.3', softwareVersion: '5.5.0', status: 'open', urgency: 'unsafe' },
  ...{ error: 'unrecovered', safety: 'unsafe-to-drive', detail: 'engine: starts from neither slot', ecuId: 'engine' },
  ...{ openedAt: '2026-11-22T02:14:09.000Z', changedAt: '2026-11-22T02:14:09.000Z' },
};

export const caseStoryExample: CaseStoryView = {
  ...caseExample,
  update: { status: 'failed', attempt: 1, changedAt: '2026-11-22T02:14:08.000Z' },
  connection: { connected: true, since: '2026-11-21T17:40:00.000Z' },
  timeline: [
    { at: '2026-11-21T08:30:00.000Z', what: 'offered' },
    { at: '2026-11-21T17:41:00.000Z', what: 'accepted', by: 'driver' },
    { at: '2026-11-22T02:00:10.000Z', what: 'phase', phase: 'installing' },
    { at: '2026-11-22T02:14:08.000Z', what: 'failed', error: 'unrecovered', safety: 'unsafe-to-drive' },
    { at: '2026-11-22T02:14:09.000Z', what: 'opened', by: 'platform' },
  ],
  next: [{ action: 'tow', because: 'It is immobilised and must not be driven.' }],
};

export function viewOf(one: AssistanceCase): CaseView {
  const { vehicleId, campaignId, brand, model, softwareVersion, state, towedAt, openedAt, changedAt } = one;
  const { kind: _, ...trouble } = one.trouble;
  return {
    ...{ caseId: caseIdOf(one), vehicleId, campaignId, brand, model, softwareVersion, status: state.status },
    ...{ urgency: urgencyOf(one.trouble), ...trouble },
    ...(towedAt !== undefined && { towedAt: isoTime(towedAt) }),
    ...{ openedAt: isoTime(openedAt), changedAt: isoTime(changedAt) },
    ...(state.status === 'closed' && { closed: { at: isoTime(state.at), by: state.by, reason: state.reason } }),
  };
}

export function storyOf(one: AssistanceCase, update: Update | undefined, connection: Connection): CaseStoryView {
  const { connected, since } = connection;
  return {
    ...viewOf(one),
    ...(update !== undefined && {
      update: { status: update.state.status, attempt: update.attempt, changedAt: isoTime(update.changedAt) },
    }),
    connection: { connected, ...(since !== undefined && { since: isoTime(since) }) },
    timeline: timelineOf(one, update),
    next: adviceFor(one, update, connection).map((advice) => ({ ...advice })),
  };
}

function timelineOf({ entries }: AssistanceCase, update: Update | undefined): CaseStoryView['timeline'] {
  const done = entries.map(({ operation: _, at, ...entry }) => ({ at: isoTime(at), ...entry }));
  // Times of one length sort as the instants do; of the same instant the update's own comes first.
  return [...storyViewOf(update?.story ?? []), ...done].sort((one, other) => one.at.localeCompare(other.at));
}

export const noteText = z.string().check(z.minLength(1), z.maxLength(500));
