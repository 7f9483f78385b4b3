import * as z from 'zod/mini';
import type { Opening } from '#shared/sharing/care/opening.ts';
import { line } from '#shared/sharing/setup/text.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, isoTime, vehicleIdText } from '../schemas.ts';
import { personRoute, route, type SharingRoute } from '../sharing-route.ts';
import { tag } from './photo-view.ts';
import { reservationIdText, reservationPath } from './reservation-view.ts';

const shape = {
  openingId: z.string(),
  at: instant('When support sent the order; the vehicle obeys within seconds, or not at all'),
  until: instant('From then on the vehicle does nothing'),
};
const mySchema = as(z.object({ ...shape, by: z.literal('support') }), { id: 'OpeningBySupport' });
const openingSchema = as(
  z.object({
    ...{ ...shape, vehicleId: z.string(), reservationId: z.string(), by: z.string() },
    ...{ reason: z.string(), proof: z.string() },
  }),
  { id: 'SupportOpening' },
);
const times = {
  ...{ openingId: 'opn-01l8q3m2gk3vq7n2mzt5ahx6cwp4r', at: '2026-11-21T08:40:00.000Z' },
  until: '2026-11-21T08:40:20.000Z',
};
const order = {
  reservationId: 'rsv-1c2k4sq00abcdefghijklmnopqrst',
  ...{ reason: 'Phone is in the car, case 4713', proof: 'Date of birth and the last four digits of the phone number' },
};
const note = (description: string) => as(line(200).check(z.minLength(3)), { description });

const openForDriver = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/support-openings', operationId: 'openForDriver' },
  ...{ tag, scopes: ['manage_care'], audit: 'sharing-vehicle.open' },
  summary: 'Open the doors for a driver who is locked out of their paused trip',
  description:
    'For whoever has the vehicle at present, named by `reservationId`, after it is known who calls. The vehicle obeys standing still, within 20 seconds, and is driven by nobody for it. Three times an hour for a trip, twenty for a client. The driver sees it in their trip. A vehicle that nobody has is opened by no call.',
  pathSchema: z.object({ vehicleId: vehicleIdText }),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        reservationId: reservationIdText,
        reason: note('Why; stands in the audit, and names nobody'),
        proof: note('By what the caller was known; not the answers themselves'),
      }),
      { id: 'SupportOpeningOrder' },
    ),
    mediaTypes: ['application/json'],
    examples: { phone: order },
  },
  replies: {
    202: {
      description: 'The order is on its way',
      schema: openingSchema,
      example: { ...times, vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', ...order, by: '1h57kf5cpq17m0eml12EXAMPLE' },
    },
  },
  problems: [
    ...(['shared-vehicle-not-found', 'reservation-not-present', 'support-opening-impossible'] as const),
    'support-opening-too-often',
  ],
  async permit({ path: { vehicleId }, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller, operation }, { openings }) {
    return { status: 202, body: openingView(await openings.open(caller, vehicleId, body, operation)) };
  },
});

const listMine = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/reservations/{reservationId}/openings' },
  ...{ operationId: 'listOpeningsOfMyTrip', tag },
  summary: 'When support has opened the vehicle in my trip',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: {
    200: {
      description: 'All of them, the newest first',
      schema: z.object({ openings: z.array(mySchema) }),
      example: { openings: [{ ...times, by: 'support' }] },
    },
  },
  problems: ['reservation-not-found'],
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { openings }) {
    const mine = await openings.ofTrip({ operatorId, personId }, reservationId);
    return { status: 200, body: { openings: mine.map((one) => ({ ...timesOf(one), by: 'support' })) } };
  },
});

function timesOf({ openingId, at, until }: Opening) {
  return { openingId, at: isoTime(at), until: isoTime(until) };
}

function openingView(opening: Opening) {
  const { vehicleId, reservationId, by, reason, proof } = opening;
  return { ...timesOf(opening), vehicleId, reservationId, by, reason, proof };
}

export const supportOpeningRoutes: readonly SharingRoute[] = [openForDriver, listMine];
