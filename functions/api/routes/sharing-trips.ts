import * as z from 'zod/mini';
import { tripStatuses } from '#shared/sharing/trips/trip.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instantParameter, integerParameter, pageOf, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { pageQuery, systemPath } from './sharing-setup-view.ts';
import { deskTripExample, deskTripSchema, deskViewOf, reasonText, tag } from './trip-view.ts';

const vehiclePath = z.object({ vehicleId: vehicleIdText });
const onePath = z.object({
  vehicleId: vehicleIdText,
  fence: as(integerParameter(1, 9_999_999_999), { description: 'Which of the vehicle’s uses it is' }),
});
const replies = { 200: { description: 'The trip as it is now', schema: deskTripSchema, example: deskTripExample } };
const decidedBy = {
  scopes: ['manage_sharing'],
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
} as const;
const always = ['trip-not-found', 'contended', 'payment-unavailable'] as const satisfies readonly ProblemCode[];
const oneTrip = '/v1/sharing/vehicles/{vehicleId}/trips/{fence}';

const listTrips = route({
  ...{ method: 'GET', path: '/v1/sharing/vehicles/{vehicleId}/trips', operationId: 'listTripsOfVehicle', tag },
  summary: 'The trips of a shared vehicle',
  description: 'The newest first. A page may be short, even empty, and still have a next one.',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: vehiclePath,
  querySchema: z.strictObject({
    ...pageQuery.shape,
    status: z.exactOptional(
      as(z.enum(tripStatuses), { description: '`to-review`: those that wait for somebody to decide' }),
    ),
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page of trips', schema: pageOf(deskTripSchema), example: { items: [deskTripExample] } },
  },
  problems: ['bad-cursor', 'shared-vehicle-not-found'],
  async handle({ path: { vehicleId }, query: { limit, cursor, status }, caller }, { tripDesk }) {
    const query = { tripsOf: vehicleId, status };
    const from = decodeCursor(query, cursor);
    const { items, next } = await tripDesk.list(caller, vehicleId, { limit, ...(from !== undefined && { from }) });
    const asked = items.filter(({ state }) => status === undefined || state.status === status);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: asked.map(deskViewOf), ...nextCursor } };
  },
});

const listPartnerTrips = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}/partner-trips', operationId: 'listPartnerTrips', tag },
  summary: 'Trips with partners’ vehicles that wait for a decision of what they cost',
  description:
    'The oldest first: those whose partner named no price in time, a far too high one or none that could be charged, or took away what was begun. `POST …/review` decides. A page may be short.',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: systemPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page of trips', schema: pageOf(deskTripSchema), example: { items: [deskTripExample] } },
  },
  problems: ['bad-cursor', 'system-not-found'],
  async handle({ path: { systemId }, query: { limit, cursor }, caller }, { partnerTrips }) {
    const query = { partnerTrips: systemId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await partnerTrips.list(caller, systemId, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(deskViewOf), ...nextCursor } };
  },
});

const getTrip = route({
  ...{ method: 'GET', path: oneTrip, operationId: 'getTripOfVehicle', tag },
  summary: 'One trip: what the vehicle signed, what it costs, how it is paid',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: onePath,
  ...pathAlone,
  replies,
  problems: ['trip-not-found'],
  async handle({ path, caller }, { tripDesk }) {
    return { status: 200, body: deskViewOf(await tripDesk.require(caller, path)) };
  },
});

const reviewTrip = route({
  ...{ method: 'POST', path: `${oneTrip}/review`, operationId: 'reviewTrip', tag, audit: 'trip.review', ...decidedBy },
  summary: 'Decide about a trip that waits for it',
  description:
    'As one whose log came after its vehicle had been given to somebody else. Settled, it is billed as the vehicle told it, or to an earlier end; waived, it costs nothing.',
  body: {
    schema: z.strictObject({
      decision: z.enum(['settle', 'waive']),
      reason: reasonText,
      endedAt: z.exactOptional(
        instantParameter('When it is taken to have ended; needed where the vehicle told of no end'),
      ),
      amount: z.exactOptional(
        as(z.int().check(z.gte(1), z.lte(100_000_000)), {
          description: 'What it costs, minor units: of a partner’s vehicle, where it is not what the partner named',
        }),
      ),
    }),
    mediaTypes: ['application/json'],
    examples: { waive: { decision: 'waive', reason: 'The car had a fault, case 4711' } },
  },
  replies,
  problems: [
    ...always,
    'trip-not-to-review',
    'trip-end-unknown',
    'trip-end-impossible',
    'trip-amount-unknown',
    'trip-amount-not-possible',
  ],
  async permit({ path, caller }, { tripDesk }) {
    await tripDesk.require(caller, path);
  },
  async handle({ path, body: { decision, reason, ...so }, caller }, { tripDesk }) {
    return { status: 200, body: deskViewOf(await tripDesk.review(path, { caller, reason }, decision, so)) };
  },
});

const refundTrip = route({
  ...{ method: 'POST', path: `${oneTrip}/refunds`, operationId: 'refundTrip', tag, audit: 'trip.refund', ...decidedBy },
  summary: 'Give back part of what a trip cost, or all of it',
  description:
    'Together with earlier refunds no more than was taken. With another `Idempotency-Key` it is another refund.',
  needsKey: true,
  body: {
    schema: z.strictObject({
      amount: as(z.int().check(z.gte(1), z.lte(100_000_000)), { description: 'Minor units of the trip’s currency' }),
      reason: reasonText,
    }),
    mediaTypes: ['application/json'],
    examples: { half: { amount: 400, reason: 'Flat battery, case 4711' } },
  },
  replies,
  problems: [...always, 'refund-too-high', 'refund-refused'],
  async permit({ path, caller }, { tripDesk }) {
    await tripDesk.require(caller, path);
  },
  async handle({ path, body: { amount, reason }, caller, operation }, { tripDesk }) {
    const trip = await tripDesk.refund(path, { caller, reason }, amount, operation.operationId);
    return { status: 200, body: deskViewOf(trip) };
  },
});

const forgiveTrip = route({
  ...{ method: 'POST', path: `${oneTrip}/forgiveness`, operationId: 'forgiveTrip', tag, ...decidedBy },
  audit: 'trip.forgive',
  summary: 'Forgive what is owed for a trip',
  description: 'The driver may hold vehicles again.',
  body: {
    schema: z.strictObject({ reason: reasonText }),
    mediaTypes: ['application/json'],
    examples: { goodwill: { reason: 'Agreed on the phone, case 4711' } },
  },
  replies,
  problems: [...always, 'nothing-owed'],
  async permit({ path, caller }, { tripDesk }) {
    await tripDesk.require(caller, path);
  },
  async handle({ path, body: { reason }, caller }, { tripDesk }) {
    return { status: 200, body: deskViewOf(await tripDesk.forgive(path, { caller, reason })) };
  },
});

export const sharingTripRoutes: readonly SharingRoute[] = [
  listTrips,
  listPartnerTrips,
  getTrip,
  reviewTrip,
  refundTrip,
  forgiveTrip,
];
