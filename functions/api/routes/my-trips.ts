import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, pageOf } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { reservationPath } from './reservation-view.ts';
import { operatorPath, pageQuery } from './sharing-setup-view.ts';
import {
  lineViewOf,
  storyViewOf,
  tag,
  tripExample,
  tripLineSchema,
  tripSchema,
  tripStoryExample,
} from './trip-view.ts';

const reply = { description: 'The trip', schema: tripSchema, example: tripStoryExample };

const listMyTrips = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/trips', operationId: 'listMyTrips', tag },
  summary: 'My trips with an operator',
  description: 'The newest first, also those that were cancelled. A page may be short and still have a next one.',
  pathSchema: operatorPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page of trips', schema: pageOf(tripLineSchema), example: { items: [tripExample] } },
  },
  problems: ['bad-cursor', 'operator-not-found'],
  async handle({ path: { operatorId }, query: { limit, cursor }, person: { personId } }, { myTrips }) {
    const query = { myTrips: operatorId, personId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await myTrips.list({ operatorId, personId }, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(lineViewOf), ...nextCursor } };
  },
});

const getMyTrip = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/trips/{reservationId}', operationId: 'getMyTrip', tag },
  summary: 'One of my trips, with its itemized bill and receipts',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: reply },
  problems: ['trip-not-found'],
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { myTrips }) {
    return { status: 200, body: storyViewOf(await myTrips.require({ operatorId, personId }, reservationId)) };
  },
});

const payMyTrip = personRoute({
  ...{ method: 'POST', path: '/v1/me/sharing/{operatorId}/trips/{reservationId}/payment', operationId: 'payMyTrip' },
  ...{ tag, audit: 'trip.pay' },
  summary: 'Pay what I owe for a trip',
  description: 'Once, however often it is asked for. Then vehicles may be held again.',
  pathSchema: reservationPath,
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
  replies: { 200: { ...reply, description: 'The trip, paid' } },
  problems: [
    ...(['trip-not-found', 'nothing-owed', 'debt-not-paid', 'payment-method-missing', 'contended'] as const),
    'payment-unavailable',
  ],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { myTrips }) {
    await myTrips.require({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, body, person: { personId }, operation }, { myTrips }) {
    const customer = { operatorId, personId };
    const trip = await myTrips.pay(customer, reservationId, operation.operationId, body.paymentMethod);
    return { status: 200, body: storyViewOf(trip) };
  },
});

export const myTripRoutes: readonly SharingRoute[] = [listMyTrips, getMyTrip, payMyTrip];
