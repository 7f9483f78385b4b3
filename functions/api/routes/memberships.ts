import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, limitParameter, pageOf } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import {
  businessMonthPath,
  businessPath,
  entryExample,
  entrySchema,
  entryView,
  memberExample,
  memberSchema,
  memberView,
} from './business-view.ts';
import { tag } from './invoice-view.ts';
import { operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/me/sharing/{operatorId}/memberships';
const reply = { description: 'As it is now', schema: memberSchema, example: memberExample };

const listMemberships = personRoute({
  ...{ method: 'GET', path, operationId: 'listMyMemberships', tag },
  summary: 'Businesses that pay for me, or would',
  description: 'Whose `businessId` a hold may name in `billTo`, where I have accepted.',
  pathSchema: operatorPath,
  querySchema: z.strictObject({ limit: limitParameter(100, 25) }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'All of them',
      schema: z.object({ items: z.array(memberSchema) }),
      example: { items: [memberExample] },
    },
  },
  async handle({ path: { operatorId }, query: { limit }, person: { personId } }, { businesses }) {
    const items = await businesses.memberships(operatorId, personId);
    return { status: 200, body: { items: items.slice(0, limit).map(memberView) } };
  },
});

const joinBusiness = personRoute({
  ...{ method: 'POST', path, operationId: 'joinBusiness', tag, audit: 'membership.join' },
  summary: 'Become a member by a code',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({
      code: as(z.string().check(z.regex(/^[a-z2-7]{20}$/)), { description: 'As the business said it' }),
    }),
    mediaTypes: ['application/json'],
    examples: { code: { code: 'k3vq7n2mzt5ahx6cwp4r' } },
  },
  replies: { 200: reply },
  problems: ['invitation-not-found', 'person-erased'],
  async permit() {},
  async handle({ path: { operatorId }, body: { code }, person: { personId } }, { businesses, persons }) {
    await persons.requireKept(personId);
    return { status: 200, body: memberView(await businesses.join(operatorId, personId, code)) };
  },
});

const acceptMembership = personRoute({
  ...{ method: 'POST', path: `${path}/{businessId}/accept`, operationId: 'acceptMyMembership', tag },
  ...{ audit: 'membership.accept' },
  summary: 'Accept an invitation',
  pathSchema: businessPath,
  ...pathAlone,
  replies: { 200: reply },
  problems: ['business-not-found', 'contended'],
  async permit() {},
  async handle({ path: at, person: { personId } }, { businesses }) {
    return { status: 200, body: memberView(await businesses.accept(at, personId)) };
  },
});

const leaveBusiness = personRoute({
  ...{ method: 'DELETE', path: `${path}/{businessId}`, operationId: 'leaveBusiness', tag, audit: 'membership.leave' },
  summary: 'Leave a business',
  pathSchema: businessPath,
  ...pathAlone,
  replies: { 200: { ...reply, example: { ...memberExample, status: 'left' } } },
  problems: ['business-not-found', 'contended'],
  async handle({ path: at, person: { personId } }, { businesses }) {
    return { status: 200, body: memberView(await businesses.leave(at, personId)) };
  },
});

const listUses = personRoute({
  ...{ method: 'GET', path: `${path}/{businessId}/uses/{month}`, operationId: 'listUsesOfMyBusiness', tag },
  summary: 'What each use at the cost of my business cost',
  description: 'For its admins. Where members were is not told.',
  pathSchema: businessMonthPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(entrySchema), example: { items: [entryExample] } } },
  problems: ['bad-cursor', 'business-not-found'],
  async handle({ path: { month, ...at }, query: { limit, cursor }, person: { personId } }, { businessMonths }) {
    const query = { usesOf: at.businessId, operator: at.operatorId, month };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await businessMonths.entries(at, personId, month, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(entryView), ...nextCursor } };
  },
});

export const membershipRoutes: readonly SharingRoute[] = [
  ...[listMemberships, joinBusiness, acceptMembership, leaveBusiness, listUses],
];
