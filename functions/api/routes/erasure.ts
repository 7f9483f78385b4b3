import * as z from 'zod/mini';
import { reasonFault } from '#shared/audit/audit-record.ts';
import { type ErasureId, erasureIdPattern, isErasureId, statusOf } from '#shared/erasure/erasure.ts';
import type { ErasureProof } from '#shared/erasure/erasure-proof.ts';
import type { KnownErasure } from '#shared/erasure/erasure-service.ts';
import { noBody, noHeaders, noQuery, pathAlone, type Reply } from '../route.ts';
import { as, instant, isoTime, text, vehicleIdText } from '../schemas.ts';
import { personRoute, route, type VehicleRoute } from '../vehicle-route.ts';
import { personIdText } from './audit.ts';

const tag = 'Erasure';

const erasureIdText = text<ErasureId>(isErasureId, () => 'is no erasure id', {
  pattern: erasureIdPattern.source,
  description: 'Identifier of the erasure',
});

const reasonText = text<string>(
  (value): value is string => reasonFault(value) === undefined,
  (value) => reasonFault(value) ?? 'is no reason',
  {
    ...{ minLength: 1, maxLength: 256, description: 'Why, for the audit: printable ASCII, no name and no VIN' },
    examples: ['Request of the owner, case 4711'],
  },
);

const proofSchema = as(
  z.object({
    erasureId: z.string(),
    kind: z.enum(['vehicle', 'person']),
    askedAt: instant(),
    doneAt: instant(),
    erased: z.array(
      z.object({
        category: z.string(),
        where: as(z.string(), { description: 'Table or service' }),
        count: z.int(),
        late: as(z.int(), { description: 'Of them, what had been under way and came after the first sweep' }),
        at: z.exactOptional(instant('When the last of it went')),
      }),
    ),
    kept: z.array(
      z.object({
        category: z.string(),
        where: z.string(),
        basis: as(z.string(), { description: 'Why it is not erased' }),
        until: z.exactOptional(instant()),
      }),
    ),
    sha256: as(z.string(), {
      description: 'Over the proof as JSON with sorted keys, without spaces, times in milliseconds, without `sha256`',
    }),
  }),
  { id: 'ErasureProof', description: 'What was erased and what is kept; it says nothing of whom it is about' },
);

const erasureSchema = as(
  z.object({
    erasureId: z.string(),
    kind: z.enum(['vehicle', 'person']),
    status: as(z.enum(['running', 'verifying', 'done', 'failed']), {
      description:
        '`verifying`: all is erased, and what may have been under way is looked for once more; `failed`: somebody has been called, asking again resumes it',
    }),
    askedAt: instant(),
    proof: z.exactOptional(proofSchema),
  }),
  { id: 'Erasure' },
);

const running: z.infer<typeof erasureSchema> = {
  erasureId: 'ers-k3vq7n2mzt5ahx6cwp4r',
  kind: 'vehicle',
  status: 'running',
  askedAt: '2026-11-21T08:30:00.000Z',
};

const done: z.infer<typeof erasureSchema> = {
  ...running,
  status: 'done',
  proof: {
    ...{ erasureId: running.erasureId, kind: 'vehicle', askedAt: running.askedAt, doneAt: '2026-11-21T08:45:10.000Z' },
    erased: [{ category: 'telemetry', where: 'Telemetry', count: 8412, late: 3, at: '2026-11-21T08:45:09.000Z' }],
    kept: [
      {
        ...{ category: 'audit', where: 'Audit', until: '2036-11-21T08:45:10.000Z' },
        basis: 'Art. 17(3)(b) and (e) GDPR: who did what is accounted for and claims are answered; pseudonyms alone',
      },
    ],
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
};

const replies = {
  202: {
    description: 'It begins',
    schema: erasureSchema,
    example: running,
    headers: { Location: 'Where its progress and its proof can be read' },
  },
  200: { description: 'It was asked for before: this is it', schema: erasureSchema, example: done },
};

const body = {
  schema: as(z.strictObject({ reason: reasonText }), { id: 'ErasureOrder' }),
  mediaTypes: ['application/json'],
  examples: { request: { reason: 'Request of the owner, case 4711' } },
};

const eraseVehicle = route({
  ...{ method: 'POST', path: '/v1/vehicles/{vehicleId}/erasure', operationId: 'eraseVehicle', tag },
  summary: 'Have everything erased that is kept of a retired vehicle',
  description:
    'VIN, registration, telemetry with its places, commands, twins, ownership with its history, thing and certificates. It goes on by itself, looks once more after a quarter of an hour, and ends with a proof. Asking again gives the same erasure.',
  ...{ scopes: ['erase_data'], audit: 'vehicle.erase' },
  pathSchema: z.object({ vehicleId: vehicleIdText }),
  querySchema: noQuery,
  headerSchema: noHeaders,
  ...{ body, replies },
  problems: ['vehicle-not-found', 'vehicle-not-retired', 'vehicle-erased', 'erasure-not-found'],
  async permit({ path, caller }, services) {
    await services.vehicles.requireTrace(caller, path.vehicleId);
  },
  async handle({ path, caller, operation }, services) {
    return replyOf(await services.erasures.ofVehicle(caller, path.vehicleId, operation), '/v1/erasures/');
  },
});

const erasePerson = route({
  ...{ method: 'POST', path: '/v1/persons/{personId}/erasure', operationId: 'erasePerson', tag },
  summary: 'Have everything erased that is kept of a person',
  description:
    'Their ownerships end, their name leaves the history, what vehicles reported while they owned them goes, and so does their account. Asking again gives the same erasure for a day after it is done; later, or where they have an account with an operator again, a new one. For clients that act for every brand.',
  ...{ scopes: ['erase_data'], audit: 'person.erase' },
  pathSchema: z.object({ personId: personIdText }),
  querySchema: noQuery,
  headerSchema: noHeaders,
  ...{ body, replies },
  problems: ['every-brand-needed', 'shared-vehicle-in-use'],
  async permit({ caller }, services) {
    services.erasures.permitPersons(caller);
  },
  async handle({ path, caller, operation }, services) {
    return replyOf(await services.erasures.ofPerson(caller, path.personId, operation), '/v1/erasures/');
  },
});

const eraseMe = personRoute({
  ...{ method: 'POST', path: '/v1/me/erasure', operationId: 'eraseMe', tag },
  summary: 'Have everything erased that is kept of me',
  description:
    'My ownerships end, my name leaves the history of vehicles, what they reported while they were mine goes, and so does my account. Nothing brings it back. A token that is still valid shows the progress. The sign-in behind the token has to be at most ten minutes old: let the person sign in once more before (`prompt=login`); renewing the token is not enough.',
  audit: 'person.erase',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  ...{ body: noBody, replies },
  problems: ['sign-in-too-old', 'shared-vehicle-in-use'],
  async handle({ person, operation }, services) {
    return replyOf(await services.erasures.ofMyself(person, operation), '/v1/me/erasure');
  },
});

const getErasure = route({
  ...{ method: 'GET', path: '/v1/erasures/{erasureId}', operationId: 'getErasure', tag },
  summary: 'How far an erasure is, and its proof',
  scopes: ['erase_data'],
  pathSchema: z.object({ erasureId: erasureIdText }),
  ...pathAlone,
  replies: { 200: { description: 'The erasure', schema: erasureSchema, example: done } },
  problems: ['erasure-not-found'],
  async handle({ path, caller }, services) {
    return { status: 200, body: viewOf(await services.erasures.get(caller, path.erasureId)) };
  },
});

const getMyErasure = personRoute({
  ...{ method: 'GET', path: '/v1/me/erasure', operationId: 'getMyErasure', tag },
  summary: 'How far the erasure of my data is, and its proof',
  pathSchema: z.object({}),
  ...pathAlone,
  replies: { 200: { description: 'The erasure', schema: erasureSchema, example: { ...done, kind: 'person' } } },
  problems: ['erasure-not-found'],
  async handle({ person }, services) {
    return { status: 200, body: viewOf(await services.erasures.mine(person.personId)) };
  },
});

export const erasureRoutes: readonly VehicleRoute[] = [eraseVehicle, erasePerson, getErasure, eraseMe, getMyErasure];

function replyOf(known: KnownErasure, place: '/v1/erasures/' | '/v1/me/erasure'): Reply {
  const location = place === '/v1/me/erasure' ? place : `${place}${known.erasure.erasureId}`;
  return known.isNew
    ? { status: 202, body: viewOf(known), headers: { location } }
    : { status: 200, body: viewOf(known) };
}

function viewOf({ erasure, proof }: KnownErasure): z.infer<typeof erasureSchema> {
  const { erasureId, subject, askedAt } = erasure;
  return {
    ...{ erasureId, kind: subject.kind, status: statusOf(erasure), askedAt: isoTime(askedAt) },
    ...(proof !== undefined && { proof: proofView(proof) }),
  };
}

function proofView({ askedAt, doneAt, erased, kept, ...proof }: ErasureProof): z.infer<typeof proofSchema> {
  return {
    ...proof,
    askedAt: isoTime(askedAt),
    doneAt: isoTime(doneAt),
    erased: erased.map(({ at, ...tally }) => ({ ...tally, ...(at !== undefined && { at: isoTime(at) }) })),
    kept: kept.map(({ until, ...entry }) => ({ ...entry, ...(until !== undefined && { until: isoTime(until) }) })),
  };
}
