import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import { chargeKinds } from '#shared/sharing/ledger/charge.ts';
import { line } from '#shared/sharing/setup/text.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, pageOf, text } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { chargePath, deskChargeExample, deskChargeSchema, deskChargeView } from './charge-view.ts';
import { tag } from './invoice-view.ts';
import { reservationIdText } from './reservation-view.ts';
import { operatorPath, pageQuery } from './sharing-setup-view.ts';
import { reasonText } from './trip-view.ts';

const path = '/v1/sharing/operators/{operatorId}/charges';
const scopes = ['manage_care'] as const;
const reply = { description: 'The charge as it is now', schema: deskChargeSchema, example: deskChargeExample };
const always = ['operator-not-found', 'charge-not-found', 'contended', 'payment-unavailable'] as const;

export const amountText = as(z.int().check(z.gte(1), z.lte(10_000_000)), { description: 'Minor units, with tax' });
export const currencyText = as(z.string().check(z.regex(/^[A-Z]{3}$/)), { description: 'That of the city' });

const personIdText = text<PersonId>(isPersonId, () => 'is no person id', { format: 'uuid' });

const makeCharge = route({
  ...{ method: 'POST', path, operationId: 'makeCharge', tag, audit: 'charge.make', scopes, needsKey: true },
  summary: 'Charge a driver beside the bill of their trip',
  description:
    'It is invoiced and taken from how they pay, at once; what cannot be taken they owe. They see it and may dispute it. The same `Idempotency-Key` again makes no other one.',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        personId: personIdText,
        reservationId: as(reservationIdText, { description: 'The use that it is about' }),
        kind: as(z.enum(chargeKinds), { description: 'Fines and damages bear no tax' }),
        ...{ amount: amountText, currency: currencyText, reason: reasonText },
        evidence: z.exactOptional(as(line(200), { description: 'Where the proof lies' })),
      }),
      { id: 'ChargeOrder' },
    ),
    mediaTypes: ['application/json'],
    examples: {
      cleaning: {
        ...{ personId: deskChargeExample.personId, reservationId: deskChargeExample.reservationId, kind: 'cleaning' },
        ...{ amount: 4_500, currency: 'EUR', reason: 'Sand on all seats, case 4711' },
      },
    },
  },
  replies: { 201: { ...reply, description: 'The charge', headers: { Location: 'The charge' } } },
  problems: [
    ...(['operator-not-found', 'trip-not-found', 'account-not-found', 'currency-other', 'excess-exceeded'] as const),
    ...(['charge-known-otherwise', 'contended', 'payment-unavailable'] satisfies ProblemCode[]),
  ],
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: { operatorId }, body, caller, operation }, { chargeDesk }) {
    const charge = await chargeDesk.make(caller, operatorId, body, operation);
    const location = `/v1/sharing/operators/${operatorId}/charges/${charge.chargeId}`;
    return { status: 201, body: deskChargeView(charge), headers: { location } };
  },
});

const listCharges = route({
  ...{ method: 'GET', path, operationId: 'listCharges', tag, scopes: ['manage_care', 'read_accounts'] },
  summary: 'The charges of an operator',
  description: 'The newest first. A page may be short, even empty, and still have a next one.',
  pathSchema: operatorPath,
  querySchema: z.strictObject({
    ...pageQuery.shape,
    disputed: z.exactOptional(as(z.literal('open'), { description: 'Those that wait for a decision' })),
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page', schema: pageOf(deskChargeSchema), example: { items: [deskChargeExample] } },
  },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId }, query: { limit, cursor, disputed }, caller }, { chargeDesk }) {
    const query = { chargesOf: operatorId, disputed };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await chargeDesk.list(caller, operatorId, page);
    const asked = items.filter(({ dispute }) => disputed === undefined || (dispute && !dispute.decision));
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: asked.map(deskChargeView), ...nextCursor } };
  },
});

const getCharge = route({
  ...{ method: 'GET', path: `${path}/{chargeId}`, operationId: 'getCharge', tag, scopes: ['manage_care'] },
  summary: 'A charge',
  pathSchema: chargePath,
  ...pathAlone,
  replies: { 200: reply },
  problems: ['operator-not-found', 'charge-not-found'],
  async handle({ path: { operatorId, chargeId }, caller }, { chargeDesk }) {
    return { status: 200, body: deskChargeView(await chargeDesk.require(caller, operatorId, chargeId)) };
  },
});

const decideCharge = route({
  ...{ method: 'POST', path: `${path}/{chargeId}/decision`, operationId: 'decideCharge', tag, scopes, needsKey: true },
  ...{ audit: 'charge.decide' },
  summary: 'Uphold, reduce or waive a charge',
  description:
    'What is taken off goes back to whoever paid it, or is owed no more, and has its credit note. Also without a dispute.',
  pathSchema: chargePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({
      decision: z.enum(['uphold', 'reduce', 'waive']),
      amount: z.exactOptional(as(amountText, { description: 'Of `reduce`: so much less, minor units' })),
      reason: reasonText,
    }),
    mediaTypes: ['application/json'],
    examples: { half: { decision: 'reduce', amount: 2_000, reason: 'Half of it was there before, case 4711' } },
  },
  replies: { 200: reply },
  problems: [...always, 'credit-above-invoice', 'charge-not-disputed', 'refund-refused'],
  async permit({ path: { operatorId, chargeId }, caller }, { chargeDesk }) {
    await chargeDesk.require(caller, operatorId, chargeId);
  },
  async handle({ path: { operatorId, chargeId }, body, caller, operation }, { chargeDesk }) {
    const { decision: kind, amount, reason } = body;
    const deciding = { kind, reason, id: operation.operationId, ...(amount !== undefined && { amount }) };
    return { status: 200, body: deskChargeView(await chargeDesk.decide(caller, operatorId, chargeId, deciding)) };
  },
});

export const chargeRoutes: readonly SharingRoute[] = [makeCharge, listCharges, getCharge, decideCharge];
