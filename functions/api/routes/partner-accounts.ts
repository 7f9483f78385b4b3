import * as z from 'zod/mini';
import type { AccountStanding } from '#shared/partners/account-desk.ts';
import { packageOfReservation } from '#shared/partners/package-id.ts';
import { partner } from '#shared/partners/partner.ts';
import { line } from '#shared/sharing/setup/text.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, isoTime } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { currencyText } from './charges.ts';
import { money, tag } from './invoice-view.ts';
import { operatorIdText, pageQuery } from './sharing-setup-view.ts';
import { monthText, tompExamples } from './tomp-view.ts';

const base = '/v1/sharing/operators/{operatorId}/partners/{clientId}';
const path = z.object({
  operatorId: operatorIdText,
  clientId: as(partner.shape.clientId, { description: 'The partner, as the operator has named it' }),
});

const standingSchema = as(
  z.object({
    currency: z.string(),
    owed: money('Charged, less what was given back and paid; below zero the operator owes it'),
    aside: money('Set aside for uses that are not charged yet'),
    left: z.exactOptional(money('May still be set aside; absent of who is no partner any more')),
  }),
  { id: 'PartnerAccount' },
);
const standing: AccountStanding = { currency: 'EUR', owed: 97_050, aside: 12_000, left: 390_950 };

const getAccount = route({
  ...{ method: 'GET', path: `${base}/account`, operationId: 'getPartnerAccount', tag, scopes: ['read_accounts'] },
  summary: 'What a partner owes',
  description: 'In each currency of the operator’s cities in which it has an account.',
  pathSchema: path,
  ...pathAlone,
  replies: {
    200: {
      description: 'Its accounts',
      schema: z.object({
        ...{ clientId: z.string(), name: z.exactOptional(z.string()) },
        creditLimit: z.exactOptional(money('Of each currency')),
        accounts: z.array(standingSchema),
      }),
      example: { clientId: 'mobility-app', name: 'Sample app', creditLimit: 500_000, accounts: [standing] },
    },
  },
  problems: ['operator-not-found', 'partner-account-not-found'],
  async handle({ path: { operatorId, clientId }, caller }, { partnerAccounts }) {
    const { partner: one, accounts } = await partnerAccounts.standing(caller, { operatorId, clientId });
    const known = one === undefined ? {} : { name: one.name, creditLimit: one.creditLimit };
    return { status: 200, body: { clientId, ...known, accounts } };
  },
});

const entrySchema = as(
  z.object({
    ...{ at: instant(), kind: z.enum(['fare', 'charge', 'refund']), package: z.string() },
    charge: z.exactOptional(
      as(z.object({ chargeId: z.string(), kind: z.string(), reason: z.string() }), {
        description: 'Of a charge, and of what is given back of one',
      }),
    ),
    amount: money('A refund is below zero'),
  }),
  { id: 'PartnerAccountEntry' },
);
const totalSchema = z.object({ charged: money('Fares and charges less refunds'), entries: z.int() });

const listEntries = route({
  ...{ method: 'GET', path: `${base}/account/{currency}/entries`, operationId: 'listPartnerAccountEntries', tag },
  scopes: ['read_accounts'],
  summary: 'What a partner was charged in a month',
  description:
    'Each trip’s bill once, what was charged beside it, and what was given back, in the order of time; with the month’s total.',
  pathSchema: z.object({ ...path.shape, currency: currencyText }),
  querySchema: z.strictObject({ ...pageQuery.shape, month: z.exactOptional(monthText) }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of the journal',
      schema: z.object({
        ...{ month: z.string(), total: totalSchema, items: z.array(entrySchema) },
        nextCursor: z.exactOptional(z.string()),
      }),
      example: {
        ...{ month: '2026-11', total: { charged: 970, entries: 1 } },
        items: [{ at: '2026-11-21T09:12:00.000Z', kind: 'fare', package: tompExamples.packageId, amount: 970 }],
      },
    },
  },
  problems: ['operator-not-found', 'partner-account-not-found', 'bad-cursor'],
  async handle({ path: name, query: { month, limit, cursor }, caller }, { partnerAccounts, clock }) {
    const asked = month ?? isoTime(clock.now()).slice(0, 7);
    const query = { partnerEntries: [name.operatorId, name.clientId, name.currency], month: asked };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { total, page: found } = await partnerAccounts.month(caller, name, asked, page);
    const items = found.items.map(({ at, kind, reservationId, amount, charge }) => {
      const entry = { at: isoTime(at), kind, package: packageOfReservation(reservationId), amount };
      return charge === undefined ? entry : { ...entry, charge };
    });
    const nextCursor = found.next === undefined ? {} : { nextCursor: encodeCursor(query, found.next) };
    const { charged, entries } = total;
    return { status: 200, body: { month: asked, total: { charged, entries }, items, ...nextCursor } };
  },
});

const receive = route({
  ...{ method: 'POST', path: `${base}/receipts`, operationId: 'receiveFromPartner', tag, scopes: ['manage_care'] },
  audit: 'partner-account.receive',
  summary: 'Enter what a partner has paid',
  description:
    'What it owes falls by it, and so much of its credit is free again. `receiptId` is the operator’s own, of one payment: the same again changes nothing.',
  pathSchema: path,
  ...{ querySchema: noQuery, headerSchema: noHeaders },
  body: {
    schema: as(
      z.strictObject({
        receiptId: z.string().check(z.regex(/^[A-Za-z0-9_.:-]{1,64}$/)),
        ...{ amount: as(z.int().check(z.gte(1), z.lte(1_000_000_000)), { description: 'Minor units' }) },
        currency: currencyText,
        reference: z.exactOptional(as(line(140), { description: 'What stood on the transfer' })),
      }),
      { id: 'PartnerReceipt' },
    ),
    mediaTypes: ['application/json'],
    examples: { transfer: { receiptId: '2026-11-001', amount: 97_050, currency: 'EUR', reference: 'October' } },
  },
  replies: {
    200: {
      description: 'The account as it is now',
      schema: standingSchema,
      example: { ...standing, owed: 0, left: 488_000 },
    },
  },
  problems: [
    ...(['operator-not-found', 'partner-account-not-found', 'receipt-contradicts', 'receipt-above-owed'] as const),
    'contended',
  ],
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: name, body: { currency, ...receipt }, caller }, { partnerAccounts }) {
    return { status: 200, body: await partnerAccounts.receive(caller, { ...name, currency }, receipt) };
  },
});

export const partnerAccountRoutes: readonly SharingRoute[] = [getAccount, listEntries, receive];
