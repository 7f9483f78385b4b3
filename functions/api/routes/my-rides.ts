import * as z from 'zod/mini';
import { legOperations } from '#shared/partners/tomp/leg.ts';
import { noHeaders, noQuery } from '../route.ts';
import { as } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { reservationExample, reservationPath, reservationSchema, reservationView } from './reservation-view.ts';
import { tag } from './sharing-setup-view.ts';

const ridePartnersVehicle = personRoute({
  method: 'POST',
  path: '/v1/me/sharing/{operatorId}/reservations/{reservationId}/ride',
  ...{ operationId: 'ridePartnersVehicle', tag, audit: 'reservation.ride' },
  summary: 'Have a partner’s vehicle opened, locked, opened again, or given back',
  description:
    'For what the search found with a `provider`: the partner is asked, and answers for it. Whoever scans the code on the vehicle with the partner’s own means rides just so.',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ operation: z.enum(legOperations) }), { id: 'PartnerRide' }),
    mediaTypes: ['application/json'],
    examples: { start: { operation: 'start' } },
  },
  replies: {
    200: {
      description: 'The reservation as the partner has it now',
      schema: reservationSchema,
      example: { ...reservationExample, status: 'driving' },
    },
  },
  problems: [
    ...(['account-not-found', 'reservation-not-found', 'vehicle-opens-otherwise', 'ride-not-possible'] as const),
    'partner-unavailable',
  ],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.again({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, body, person: { personId } }, { partnerReservations }) {
    const ridden = await partnerReservations.ride({ operatorId, personId }, reservationId, body.operation);
    return { status: 200, body: reservationView(ridden) };
  },
});

export const myRideRoutes: readonly SharingRoute[] = [ridePartnersVehicle];
