import * as z from 'zod/mini';
import type { AssistanceCase } from '#shared/ota/assistance/case.ts';
import { givenReasons } from '#shared/ota/assistance/case.ts';
import type { CaseId } from '#shared/ota/assistance/case-id.ts';
import type { CaseService, Deal } from '#shared/ota/assistance/case-service.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { caseExample, caseSchema, noteText, onePath, tag, viewOf } from './case-view.ts';

const replies = { 200: { description: 'The case as it is now', schema: caseSchema, example: caseExample } };

interface Step {
  readonly verb: 'retry' | 'cancel' | 'tow';
  readonly summary: string;
  readonly description: string;
  readonly problems: readonly ProblemCode[];
  take(cases: CaseService, caseId: CaseId, deal: Deal): Promise<AssistanceCase>;
}

const steps: readonly Step[] = [
  {
    verb: 'retry',
    summary: 'Have the vehicle try once more',
    description:
      'As its driver consented; where that time is over they are asked again. A vehicle that must not be driven tries again where it was towed to, from now on for a day.',
    problems: [
      ...(['vehicle-unsafe', 'update-not-found', 'update-over', 'update-not-failed', 'update-installing'] as const),
      'another-update',
    ],
    take: (cases, caseId, deal) => cases.retry(caseId, deal),
  },
  {
    verb: 'cancel',
    summary: 'Cancel the update for this vehicle, and close its case',
    description: 'Unless its control units are being written: that is finished.',
    problems: ['update-not-found', 'update-over', 'update-installing'],
    take: (cases, caseId, deal) => cases.cancel(caseId, deal),
  },
  {
    verb: 'tow',
    summary: 'Mark the vehicle as towed',
    description: 'It stands where it can be looked at, and may try again there.',
    problems: [],
    take: (cases, caseId, deal) => cases.tow(caseId, deal),
  },
];

const stepRoutes = steps.map(({ verb, summary, description, problems, take }) =>
  route({
    ...{ method: 'POST', path: `/v1/cases/{caseId}/${verb}`, operationId: `${verb}Case`, tag },
    ...{ summary, description, scopes: ['assist_updates'], audit: `case.${verb}` },
    pathSchema: onePath,
    ...pathAlone,
    replies,
    problems: ['case-not-found', 'case-closed', 'contended', ...problems],
    async permit({ path: { caseId }, caller }, { cases }) {
      await cases.require(caller, caseId);
    },
    async handle({ path: { caseId }, caller, operation }, { cases }) {
      return { status: 200, body: viewOf(await take(cases, caseId, { caller, operation })) };
    },
  }),
);

const noteOnCase = route({
  ...{ method: 'POST', path: '/v1/cases/{caseId}/notes', operationId: 'noteOnCase', tag, audit: 'case.note' },
  summary: 'Write something down, of a case that is open or closed',
  description: 'Of the vehicle, not of persons: notes go with the vehicle when it is erased.',
  scopes: ['assist_updates'],
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({ text: noteText }),
    mediaTypes: ['application/json'],
    examples: { reached: { text: 'Driver reached; stands on level 2 of the car park.' } },
  },
  replies,
  problems: ['case-not-found', 'contended'],
  async permit({ path, caller }, { cases }) {
    await cases.require(caller, path.caseId);
  },
  async handle({ path: { caseId }, body: { text }, caller, operation }, { cases }) {
    return { status: 200, body: viewOf(await cases.note(caseId, { caller, operation, text })) };
  },
});

const closeCase = route({
  ...{ method: 'POST', path: '/v1/cases/{caseId}/close', operationId: 'closeCase', tag, audit: 'case.close' },
  summary: 'Close a case',
  description: 'A vehicle that must not be driven has to be towed before, or repaired.',
  scopes: ['assist_updates'],
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({ reason: z.enum(givenReasons), text: z.exactOptional(noteText) }),
    mediaTypes: ['application/json'],
    examples: { repaired: { reason: 'repaired', text: 'Control unit exchanged.' } },
  },
  replies,
  problems: ['case-not-found', 'case-closed', 'vehicle-unsafe', 'contended'],
  async permit({ path, caller }, { cases }) {
    await cases.require(caller, path.caseId);
  },
  async handle({ path: { caseId }, body: { reason, ...more }, caller, operation }, { cases }) {
    return { status: 200, body: viewOf(await cases.close(caseId, reason, { caller, operation, ...more })) };
  },
});

export const caseStepRoutes: readonly VehicleRoute[] = [...stepRoutes, noteOnCase, closeCase];
