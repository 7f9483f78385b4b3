import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import type { AuditRecord, AuditSubject } from '#shared/audit/audit-record.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders } from '../route.ts';
import {
  as,
  cursorParameter,
  instant,
  instantParameter,
  isoTime,
  limitParameter,
  pageOf,
  text,
  vehicleIdText,
} from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

export const personIdText = text<PersonId>(isPersonId, () => 'is no person id', {
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
  description: 'Opaque identifier of the person: `sub` of their tokens',
});

const recordSchema = as(
  z.object({
    recordId: z.string(),
    at: instant(),
    subject: as(z.object({ kind: z.enum(['vehicle', 'person', 'platform']), id: z.exactOptional(z.string()) }), {
      description: 'What it is about',
    }),
    action: as(z.string(), { examples: ['vehicle.suspend'] }),
    actor: as(
      z.object({ kind: z.enum(['client', 'person', 'vehicle', 'platform']), id: z.exactOptional(z.string()) }),
      { description: 'Who did it' },
    ),
    requestId: as(z.string(), { description: 'Of the request, or the message, that it came of' }),
    outcome: as(z.enum(['asked', 'done', 'refused', 'failed']), {
      description: '`asked` is written before anything happens; where nothing follows, something broke in between',
    }),
    reason: z.exactOptional(as(z.string(), { description: '`X-Reason` of the request' })),
    status: z.exactOptional(z.int()),
    problem: z.exactOptional(as(z.string(), { description: 'Code of the problem that it ended with' })),
    resource: z.exactOptional(as(z.string(), { description: 'What it made or touched' })),
    counts: z.exactOptional(
      as(z.record(z.string(), z.int()), { description: 'What came of an import or export, with its end' }),
    ),
  }),
  { id: 'AuditRecord' },
);

const example: z.infer<typeof recordSchema> = {
  recordId: 'q2w7k3vq7n2mzt5ahx6c-done',
  at: '2026-11-21T08:30:00.000Z',
  subject: { kind: 'vehicle', id: 'veh-k3vq7n2mzt5ahx6cwp4r' },
  action: 'vehicle.suspend',
  actor: { kind: 'client', id: '4f2b9c1d7e' },
  requestId: '5f2c1c9e-6f0c-4d6e-9a53-0d6f4d1c2b7a',
  outcome: 'done',
  reason: 'Reported stolen, case 4711',
  status: 200,
};

const listAudit = route({
  ...{ method: 'GET', path: '/v1/audit', operationId: 'listAudit', tag: 'Audit' },
  summary: 'What was done to a vehicle or a person, the newest first',
  description:
    'Without `vehicleId` and `personId` it is about the platform as a whole. Records of persons and of the platform are for clients that act for every brand. Records are kept for ten years, and nobody can change them.',
  scopes: ['read_audit'],
  pathSchema: z.object({}),
  querySchema: z.strictObject({
    vehicleId: z.exactOptional(vehicleIdText),
    personId: z.exactOptional(personIdText),
    from: z.exactOptional(instantParameter('The first instant')),
    to: z.exactOptional(instantParameter('The first instant that is not asked for any more')),
    limit: limitParameter(100, 25),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of records', schema: pageOf(recordSchema), example: { items: [example] } } },
  problems: ['vehicle-not-found', 'every-brand-needed', 'empty-range', 'bad-cursor'],
  async handle({ query: { limit, cursor, ...query }, caller }, services) {
    const { from, to } = query;
    if (from !== undefined && to !== undefined && from >= to) throw emptyRange();
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    const position = decodeCursor(query, cursor);
    const page = { limit, ...(position !== undefined && { from: position }) };
    const asked = { subject: subjectOf(query.vehicleId, query.personId), ...range };
    const { items, next } = await services.audit.records(caller, asked, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

export const auditRoutes: readonly VehicleRoute[] = [listAudit];

function subjectOf(vehicleId: string | undefined, personId: string | undefined): AuditSubject {
  if (vehicleId === undefined) return personId === undefined ? { kind: 'platform' } : { kind: 'person', id: personId };
  if (personId === undefined) return { kind: 'vehicle', id: vehicleId };
  throw new Failure('invalid', 'invalid-parameter', 'A parameter is not valid.', {
    errors: [{ pointer: 'personId', detail: 'stands beside `vehicleId`: records are about one of them' }],
  });
}

function emptyRange(): Failure {
  const errors = [{ pointer: 'from', detail: 'is not before `to`' }];
  return new Failure('invalid', 'empty-range', 'The range of time is empty.', { errors });
}

function viewOf({ at, ...record }: AuditRecord) {
  return { ...record, at: isoTime(at) };
}
