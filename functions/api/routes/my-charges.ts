import * as z from 'zod/mini';
import { line } from '#shared/sharing/setup/text.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, pageOf } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { chargeExample, chargePath, chargeSchema, chargeView } from './charge-view.ts';
import { tag } from './invoice-view.ts';
import { operatorPath, pageQuery } from './sharing-setup-view.ts';

const path = '/v1/me/sharing/{operatorId}/charges';
const reply = { description: 'The charge as it is now', schema: chargeSchema, example: chargeExample };

const listMyCharges = personRoute({
  ...{ method: 'GET', path, operationId: 'listMyCharges', tag },
  summary: 'What an operator charged me beside my trips',
  description: 'The newest first.',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page', schema: pageOf(chargeSchema), example: { items: [chargeExample] } } },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId }, query: { limit, cursor }, person: { personId } }, { chargeDesk }) {
    const query = { myCharges: operatorId, personId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await chargeDesk.listMine({ operatorId, personId }, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(chargeView), ...nextCursor } };
  },
});

const disputeCharge = personRoute({
  ...{ method: 'POST', path: `${path}/{chargeId}/dispute`, operationId: 'disputeMyCharge', tag },
  ...{ audit: 'charge.dispute' },
  summary: 'Say why a charge is wrong',
  description: 'Once, until `disputableUntil`. Somebody decides; what was taken too much is given back.',
  pathSchema: chargePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({ text: as(line(1000), { description: 'Why' }) }),
    mediaTypes: ['application/json'],
    examples: { elsewhere: { text: 'The car was clean when I left it; the photos of the end show it.' } },
  },
  replies: { 200: reply },
  problems: ['charge-not-found', 'dispute-too-late', 'charge-disputed-before', 'contended'],
  async permit({ path: { operatorId, chargeId }, person: { personId } }, { chargeDesk }) {
    await chargeDesk.requireMine({ operatorId, personId }, chargeId);
  },
  async handle({ path: { operatorId, chargeId }, body, person: { personId } }, { chargeDesk }) {
    return { status: 200, body: chargeView(await chargeDesk.dispute({ operatorId, personId }, chargeId, body.text)) };
  },
});

const payCharge = personRoute({
  ...{ method: 'POST', path: `${path}/{chargeId}/payment`, operationId: 'payMyCharge', tag, audit: 'charge.pay' },
  summary: 'Pay a charge that I owe',
  description: 'Once, however often it is asked for. Then vehicles may be held again.',
  pathSchema: chargePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({
      paymentMethod: z.exactOptional(
        as(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)), {
          description: 'How the payment provider calls it; absent: that of the account',
        }),
      ),
    }),
    mediaTypes: ['application/json'],
    examples: { another: { paymentMethod: 'pm-5f2c' } },
  },
  replies: { 200: reply },
  problems: [
    ...(['charge-not-found', 'nothing-owed', 'debt-not-paid', 'payment-method-missing', 'contended'] as const),
    'payment-unavailable',
  ],
  async permit({ path: { operatorId, chargeId }, person: { personId } }, { chargeDesk }) {
    await chargeDesk.requireMine({ operatorId, personId }, chargeId);
  },
  async handle({ path: { operatorId, chargeId }, body, person: { personId }, operation }, { chargeDesk }) {
    const mine = { operatorId, personId };
    const charge = await chargeDesk.pay(mine, chargeId, operation.operationId, body.paymentMethod);
    return { status: 200, body: chargeView(charge) };
  },
});

export const myChargeRoutes: readonly SharingRoute[] = [listMyCharges, disputeCharge, payCharge];
