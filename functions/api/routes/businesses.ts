import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { isoTime, pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  businessChanges,
  businessExample,
  businessMonthExample,
  businessMonthPath,
  businessMonthSchema,
  businessMonthView,
  businessOrder,
  businessOrderExample,
  businessPath,
  businessReceiptOrder,
  businessSchema,
  businessView,
  invitationExample,
  invitationSchema,
  memberExample,
  memberOrder,
  memberPath,
  memberSchema,
  memberView,
} from './business-view.ts';
import { deskChargeExample, deskChargeSchema, deskChargeView } from './charge-view.ts';
import { tag } from './invoice-view.ts';
import { operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/sharing/operators/{operatorId}/businesses';
const one = `${path}/{businessId}`;
const scopes = ['manage_care'] as const;
const reply = { description: 'The business as it is now', schema: businessSchema, example: businessExample };
const theirs = ['operator-not-found', 'business-not-found', 'contended'] as const;
const plain = { querySchema: noQuery, headerSchema: noHeaders } as const;

const createBusiness = route({
  ...{ method: 'POST', path, operationId: 'createBusiness', tag, scopes, audit: 'business.create', ...plain },
  summary: 'Open a business account',
  description: 'It pays once a month for what its members use.',
  pathSchema: operatorPath,
  body: { schema: businessOrder, mediaTypes: ['application/json'], examples: { company: businessOrderExample } },
  replies: { 201: reply, 200: { ...reply, description: 'It is there already, the very same' } },
  problems: ['operator-not-found', 'system-not-found', 'business-known-otherwise'],
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: { operatorId }, body: { businessId, ...content }, caller }, { businesses }) {
    const { created, business } = await businesses.create(caller, { operatorId, businessId }, content);
    return { status: created ? 201 : 200, body: businessView(business) };
  },
});

const listBusinesses = route({
  ...{ method: 'GET', path, operationId: 'listBusinesses', tag, scopes: ['manage_care', 'read_accounts'] },
  summary: 'The business accounts of an operator',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(businessSchema), example: { items: [businessExample] } } },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId }, query: { limit, cursor }, caller }, { businesses }) {
    const query = { businessesOf: operatorId };
    const from = decodeCursor(query, cursor);
    const found = await businesses.list(caller, operatorId, { limit, ...(from !== undefined && { from }) });
    const nextCursor = found.next === undefined ? {} : { nextCursor: encodeCursor(query, found.next) };
    return { status: 200, body: { items: found.items.map(businessView), ...nextCursor } };
  },
});

const getBusiness = route({
  ...{ method: 'GET', path: one, operationId: 'getBusiness', tag, scopes: ['manage_care', 'read_accounts'] },
  summary: 'A business account',
  pathSchema: businessPath,
  ...pathAlone,
  replies: { 200: reply },
  problems: theirs,
  async handle({ path: at, caller }, { businesses }) {
    return { status: 200, body: businessView(await businesses.require(caller, at)) };
  },
});

const changeBusiness = route({
  ...{ method: 'PATCH', path: one, operationId: 'changeBusiness', tag, scopes, audit: 'business.change', ...plain },
  summary: 'Change a business account',
  pathSchema: businessPath,
  body: {
    schema: businessChanges,
    mediaTypes: ['application/json'],
    examples: { centres: { costCentres: ['sales', 'service'] } },
  },
  replies: { 200: reply },
  problems: [...theirs, 'system-not-found', 'currency-other'],
  async handle({ path: at, body, caller }, { businesses }) {
    return { status: 200, body: businessView(await businesses.change(caller, at, body)) };
  },
});

const listMembers = route({
  ...{ method: 'GET', path: `${one}/members`, operationId: 'listBusinessMembers', tag, scopes },
  summary: 'For whom a business pays',
  pathSchema: businessPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(memberSchema), example: { items: [memberExample] } } },
  problems: ['bad-cursor', 'operator-not-found', 'business-not-found'],
  async handle({ path: at, query: { limit, cursor }, caller }, { businesses }) {
    const query = { membersOf: at.businessId, operator: at.operatorId };
    const from = decodeCursor(query, cursor);
    const found = await businesses.members(caller, at, { limit, ...(from !== undefined && { from }) });
    const nextCursor = found.next === undefined ? {} : { nextCursor: encodeCursor(query, found.next) };
    return { status: 200, body: { items: found.items.map(memberView), ...nextCursor } };
  },
});

const inviteByCode = route({
  ...{ method: 'POST', path: `${one}/invitations`, operationId: 'inviteToBusiness', tag, scopes, ...plain },
  ...{ audit: 'business.invite' },
  summary: 'Make a code by which somebody becomes a member',
  description: 'Good once, for two weeks. It is kept as a hash alone: this is the only time that it is shown.',
  pathSchema: businessPath,
  body: {
    schema: z.strictObject(memberOrder),
    mediaTypes: ['application/json'],
    examples: { sales: { costCentre: 'sales' } },
  },
  replies: { 201: { description: 'The code', schema: invitationSchema, example: invitationExample } },
  problems: theirs,
  async permit({ path: at, caller }, { businesses }) {
    await businesses.require(caller, at);
  },
  async handle({ path: at, body, caller, operation }, { businesses }) {
    const { code, expiresAt } = await businesses.invite(caller, at, body, operation);
    return { status: 201, body: { code, expiresAt: isoTime(expiresAt) } };
  },
});

const invitePerson = route({
  ...{ method: 'POST', path: `${one}/members/{personId}`, operationId: 'invitePersonToBusiness', tag, scopes },
  ...{ audit: 'business.invite-person', ...plain },
  summary: 'Invite a person who is known by their id',
  description: 'They are a member when they have accepted. Again, it changes cost centre and rights.',
  pathSchema: memberPath,
  body: {
    schema: z.strictObject(memberOrder),
    mediaTypes: ['application/json'],
    examples: { admin: { isAdmin: true } },
  },
  replies: { 200: { description: 'The member', schema: memberSchema, example: memberExample } },
  problems: theirs,
  async permit({ path: at, caller }, { businesses }) {
    await businesses.require(caller, at);
  },
  async handle({ path: { personId, ...at }, body, caller }, { businesses }) {
    return { status: 200, body: memberView(await businesses.invitePerson(caller, at, personId, body)) };
  },
});

const removeMember = route({
  ...{ method: 'DELETE', path: `${one}/members/{personId}`, operationId: 'removeFromBusiness', tag, scopes },
  ...{ audit: 'business.remove' },
  summary: 'Pay for a person no more',
  description: 'What they drive at this moment is still paid for.',
  pathSchema: memberPath,
  ...pathAlone,
  replies: { 200: { description: 'The member', schema: memberSchema, example: { ...memberExample, status: 'left' } } },
  problems: theirs,
  async handle({ path: { personId, ...at }, caller }, { businesses }) {
    return { status: 200, body: memberView(await businesses.remove(caller, at, personId)) };
  },
});

const invoiceMonth = route({
  ...{ method: 'POST', path: `${one}/invoices/{month}`, operationId: 'invoiceBusinessMonth', tag, scopes, ...plain },
  ...{ audit: 'business.invoice' },
  summary: 'Invoice a month that is over',
  description:
    'One invoice for all that the members used, less what former months owe the business; the same, however often it is asked for. A month that comes to nothing or less has none (`nothing-to-invoice`) and is carried on.',
  pathSchema: businessMonthPath,
  body: noBody,
  replies: { 200: { description: 'What is asked', schema: deskChargeSchema, example: deskChargeExample } },
  problems: [...theirs, 'month-not-over', 'nothing-to-invoice', 'payment-unavailable'],
  async permit({ path: at, caller }, { businesses }) {
    await businesses.require(caller, at);
  },
  async handle({ path: { month, ...at }, caller, operation }, { businessMonths }) {
    return { status: 200, body: deskChargeView(await businessMonths.invoice(caller, at, month, operation)) };
  },
});

const listMonths = route({
  ...{ method: 'GET', path: `${one}/months`, operationId: 'listBusinessMonths', tag },
  scopes: ['manage_care', 'read_accounts'],
  summary: 'What stands in each month of a business',
  description:
    'The first one first. A month that comes to nothing or less is not invoiced: whoever asks for it, or for a later one, has it carried into the next one that is open.',
  pathSchema: businessPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page', schema: pageOf(businessMonthSchema), example: { items: [businessMonthExample] } },
  },
  problems: ['bad-cursor', 'operator-not-found', 'business-not-found'],
  async handle({ path: at, query: { limit, cursor }, caller }, { businessMonths }) {
    const query = { monthsOf: at.businessId, operator: at.operatorId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { currency, items, next } = await businessMonths.months(caller, at, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map((month) => businessMonthView(month, currency)), ...nextCursor } };
  },
});

const receive = route({
  ...{ method: 'POST', path: `${one}/receipts`, operationId: 'receiveFromBusiness', tag, scopes, ...plain },
  ...{ audit: 'business.receive' },
  summary: 'Enter what a business has paid by bank transfer',
  description:
    'For the invoice of one month, all of it or a part; what it owes falls by it. `receiptId` is the bank’s reference: the same again changes nothing.',
  pathSchema: businessPath,
  body: {
    schema: businessReceiptOrder,
    mediaTypes: ['application/json'],
    examples: {
      transfer: {
        ...{ receiptId: '2026-12-001', month: '2026-11', amount: 97_050, currency: 'EUR', receivedOn: '2026-12-04' },
      },
    },
  },
  replies: {
    200: { description: 'What is asked, and what came of it', schema: deskChargeSchema, example: deskChargeExample },
  },
  problems: [
    ...([...theirs, 'invoice-not-found', 'currency-other', 'receipt-contradicts', 'receipt-above-owed'] as const),
    ...(['receipt-day-wrong', 'payment-unavailable'] as const),
  ],
  async permit({ path: at, caller }, { businesses }) {
    await businesses.require(caller, at);
  },
  async handle({ path: at, body, caller }, { businessReceipts }) {
    return { status: 200, body: deskChargeView(await businessReceipts.receive(caller, at, body)) };
  },
});

export const businessRoutes: readonly SharingRoute[] = [
  ...[createBusiness, listBusinesses, getBusiness, changeBusiness, listMembers],
  ...[inviteByCode, invitePerson, removeMember, invoiceMonth, listMonths, receive],
];
