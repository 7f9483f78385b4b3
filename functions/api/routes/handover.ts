import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, cursorParameter, instant, isoTime, limitParameter, pageOf, vehicleIdText } from '../schemas.ts';
import { personRoute, type VehicleRoute } from '../vehicle-route.ts';
import { myVehicleExample, myVehicleSchema, offerIdText, usernameText } from './ownership-view.ts';

const tag = 'Ownership';
const onePath = z.object({ vehicleId: vehicleIdText });
const offerPath = z.object({ offerId: offerIdText });

const handoverSchema = as(z.object({ offerId: z.string(), vehicleId: z.string(), expiresAt: instant() }), {
  id: 'Handover',
});

const offerSchema = as(
  z.object({
    offerId: z.string(),
    vehicleId: z.string(),
    brand: z.exactOptional(z.string()),
    model: z.exactOptional(z.string()),
    offeredAt: instant(),
    expiresAt: instant(),
  }),
  { id: 'Offer' },
);

const handoverExample = {
  offerId: 'q6zt2m4x7kwp5v3na6ch',
  vehicleId: myVehicleExample.vehicleId,
  expiresAt: '2026-11-28T08:30:00.000Z',
};

const gone = z.object({ vehicleId: z.string() });
const goneExample = { vehicleId: myVehicleExample.vehicleId };

const handOver = personRoute({
  ...{ method: 'POST', path: '/v1/me/vehicles/{vehicleId}/handover', operationId: 'handOverVehicle', tag },
  ...{ audit: 'ownership.offer' },
  summary: 'Offer one of my vehicles to another person',
  description:
    'The vehicle stays mine until the other person accepts, within seven days. Another offer replaces this one. Nothing is said about whether there is such a person.',
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ to: usernameText }), { id: 'HandoverRequest' }),
    mediaTypes: ['application/json'],
    examples: { toSomebody: { to: 'neighbour' } },
  },
  replies: { 201: { description: 'Offered', schema: handoverSchema, example: handoverExample } },
  problems: ['vehicle-not-yours', 'handover-to-oneself', 'offer-over', 'contended'],
  async permit({ path, person, before }, { ownership }) {
    const answered = handoverSchema.safeParse(before);
    if (answered.success) await ownership.requireOffered(person, path.vehicleId, answered.data.offerId);
    else await ownership.require(person, path.vehicleId);
  },
  async handle({ path: { vehicleId }, body, person, operation }, { ownership }) {
    const { offerId, expiresAt } = await ownership.offer(person, vehicleId, body.to, operation);
    return { status: 201, body: { offerId, vehicleId, expiresAt: isoTime(expiresAt) } };
  },
});

const withdrawHandover = personRoute({
  ...{ method: 'DELETE', path: '/v1/me/vehicles/{vehicleId}/handover', operationId: 'withdrawHandover', tag },
  ...{ audit: 'ownership.withdraw' },
  summary: 'Offer a vehicle no more',
  description: 'Where nothing is offered, nothing changes.',
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The vehicle is offered to nobody', schema: gone, example: goneExample } },
  problems: ['vehicle-not-yours', 'contended'],
  async handle({ path: { vehicleId }, person }, { ownership }) {
    await ownership.withdraw(person, vehicleId);
    return { status: 200, body: { vehicleId } };
  },
});

const listOffers = personRoute({
  ...{ method: 'GET', path: '/v1/me/offers', operationId: 'listOffers', tag },
  summary: 'The vehicles that I am offered',
  pathSchema: z.object({}),
  querySchema: z.strictObject({ limit: limitParameter(50, 25), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of offers; it may be short, even empty, and still have a next one',
      schema: pageOf(offerSchema),
      example: {
        items: [{ ...handoverExample, brand: 'volkswagen', model: 'ID.3', offeredAt: '2026-11-21T08:30:00.000Z' }],
      },
    },
  },
  problems: ['bad-cursor'],
  async handle({ query: { limit, cursor }, person }, { ownership, registry }) {
    const query = { offersTo: person.personId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await ownership.offersTo(person, { limit, ...(from !== undefined && { from }) });
    const views = await Promise.all(
      items.map(async ({ offerId, vehicleId, madeAt, expiresAt }) => {
        const vehicle = await registry.load(vehicleId);
        const what = vehicle === undefined ? {} : { brand: vehicle.brand, model: vehicle.model };
        return { offerId, vehicleId, ...what, offeredAt: isoTime(madeAt), expiresAt: isoTime(expiresAt) };
      }),
    );
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: views, ...nextCursor } };
  },
});

const acceptOffer = personRoute({
  ...{ method: 'POST', path: '/v1/me/offers/{offerId}/acceptance', operationId: 'acceptOffer', tag },
  ...{ audit: 'ownership.accept' },
  summary: 'Take over a vehicle that I am offered',
  description: 'Accepting what I have accepted changes nothing.',
  pathSchema: offerPath,
  ...pathAlone,
  replies: {
    200: { description: 'The vehicle is mine from now on', schema: myVehicleSchema, example: myVehicleExample },
  },
  problems: ['offer-not-found', 'vehicle-not-yours', 'handover-to-oneself', 'person-erased', 'contended'],
  async permit({ path, person }, { ownership }) {
    await ownership.requireAccepted(person, path.offerId);
  },
  async handle({ path, person, operation }, { ownership, registry, persons }) {
    await persons.requireKept(person.personId);
    const { vehicleId, brand, owner } = await ownership.accept(person, path.offerId, operation);
    const model = (await registry.load(vehicleId))?.model ?? '';
    return { status: 200, body: { vehicleId, brand, model, since: isoTime(owner.since) } };
  },
});

const declineOffer = personRoute({
  ...{ method: 'DELETE', path: '/v1/me/offers/{offerId}', operationId: 'declineOffer', tag },
  ...{ audit: 'ownership.decline' },
  summary: 'Decline a vehicle that I am offered',
  pathSchema: offerPath,
  ...pathAlone,
  replies: { 200: { description: 'The offer is gone', schema: gone, example: goneExample } },
  problems: ['offer-not-found', 'contended'],
  async handle({ path, person }, { ownership }) {
    const { vehicleId } = await ownership.decline(person, path.offerId);
    return { status: 200, body: { vehicleId } };
  },
});

export const handoverRoutes: readonly VehicleRoute[] = [
  handOver,
  withdrawHandover,
  listOffers,
  acceptOffer,
  declineOffer,
];
