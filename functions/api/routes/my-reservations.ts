import * as z from 'zod/mini';
import { base64url } from '#shared/kernel/base64url.ts';
import { longestSlug, slugPattern } from '#shared/sharing/sharing-id.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, instant, isoTime, limitParameter, vehicleIdText } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { phoneKeyText } from './phone-key.ts';
import { reservationExample, reservationPath, reservationSchema, reservationView } from './reservation-view.ts';
import { operatorPath, tag } from './sharing-setup-view.ts';

const path = '/v1/me/sharing/{operatorId}/reservations';
const theirs = ['account-not-found', 'reservation-not-found'] as const;
const reply = { description: 'The reservation', schema: reservationSchema, example: reservationExample };

const holdVehicle = personRoute({
  ...{ method: 'POST', path, operationId: 'holdVehicle', tag },
  summary: 'Hold a vehicle for me',
  description:
    'For the minutes that the city allows, at the terms in the answer, which stay as they are. One vehicle of an operator at a time. Send an `Idempotency-Key`: the same request again gets the same reservation, as it is by then, and another body 422.',
  isOwnRecord: true,
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        vehicleId: vehicleIdText,
        packageId: z.exactOptional(
          as(z.string().check(z.regex(slugPattern), z.maxLength(longestSlug)), {
            description: 'Minutes and kilometres of the vehicle’s plan for one price',
          }),
        ),
        billTo: z.exactOptional(
          as(z.string().check(z.regex(slugPattern), z.maxLength(longestSlug)), {
            description: 'The business that pays, of which I am a member; absent: I do',
          }),
        ),
      }),
      { id: 'VehicleHold' },
    ),
    mediaTypes: ['application/json'],
    examples: { hold: { vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r' } },
  },
  replies: {
    201: { ...reply, description: 'It is mine until `expiresAt`', headers: { Location: 'The reservation' } },
    200: { ...reply, description: 'This very request was carried out before: what became of it' },
  },
  problems: [
    ...([
      'account-not-found',
      'driver-not-verified',
      'driver-blocked',
      'licence-missing',
      'licence-recheck-due',
    ] as const),
    ...([
      'too-young',
      'debt-open',
      'already-holding',
      'vehicle-not-offered',
      'vehicle-reserved',
      'vehicle-not-in-service',
    ] as const),
    ...(['vehicle-out-of-contact', 'vehicle-charge-low', 'vehicle-key-not-void', 'system-closed'] as const),
    ...(['package-unknown', 'payment-declined', 'partner-refused', 'partner-unavailable'] as const),
    ...(['not-a-member', 'business-debt-open', 'business-cannot-pay'] as const),
  ],
  async handle({ path: { operatorId }, body, person: { personId }, operation }, { holds, reservations }) {
    const claimant = { operatorId, personId };
    const { vehicleId, ...chosen } = body;
    const wish = { vehicleId, ...chosen };
    const held = await holds.hold(claimant, { ...wish, key: operation.ownKey ?? operation.operationId }, operation);
    if (held.kind === 'repeated') {
      const again = await reservations.again(claimant, held.reservationId);
      return { status: 200, body: reservationView(again) };
    }
    const fresh = reservations.fresh(held);
    const location = `/v1/me/sharing/${operatorId}/reservations/${fresh.reservationId}`;
    return { status: 201, body: reservationView(fresh), headers: { location } };
  },
});

const listReservations = personRoute({
  ...{ method: 'GET', path, operationId: 'listMyReservations', tag },
  summary: 'What I have of an operator at present',
  description: 'One at the most. Former ones are trips.',
  pathSchema: operatorPath,
  querySchema: z.strictObject({ limit: limitParameter(100, 25) }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'The present reservation, or none',
      schema: z.object({ items: z.array(reservationSchema) }),
      example: { items: [reservationExample] },
    },
  },
  problems: ['operator-not-found'],
  async handle({ path: { operatorId }, query: { limit }, person: { personId } }, { reservations }) {
    const items = await reservations.list({ operatorId, personId });
    return { status: 200, body: { items: items.slice(0, limit).map(reservationView) } };
  },
});

const getReservation = personRoute({
  ...{ method: 'GET', path: `${path}/{reservationId}`, operationId: 'getMyReservation', tag },
  summary: 'One of my reservations',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: reply },
  problems: ['reservation-not-found'],
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    return { status: 200, body: reservationView(await reservations.require({ operatorId, personId }, reservationId)) };
  },
});

const extendReservation = personRoute({
  ...{ method: 'POST', path: `${path}/{reservationId}/extend`, operationId: 'extendMyReservation', tag },
  ...{ audit: 'reservation.extend' },
  summary: 'Hold on longer',
  description:
    'By what the city allows, as often as it allows. Send an `Idempotency-Key`: each other request is another extension. A key that I have goes on to work as long as it says.',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: { ...reply, description: 'The reservation with its new `expiresAt`' } },
  problems: [
    ...theirs,
    ...(['hold-expired', 'extensions-used', 'trip-started', 'partner-refused', 'partner-unavailable'] as const),
  ],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.require({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, person: { personId }, operation }, { partnerReservations }) {
    const claimant = { operatorId, personId };
    const extended = await partnerReservations.extend(claimant, reservationId, operation.operationId);
    return { status: 200, body: reservationView(extended) };
  },
});

const cancelReservation = personRoute({
  ...{ method: 'POST', path: `${path}/{reservationId}/cancel`, operationId: 'cancelMyReservation', tag },
  ...{ audit: 'reservation.cancel' },
  summary: 'Give back what I have not started',
  description: 'Also where the vehicle is silent: it is nobody else’s before my key opens nothing any more.',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: {
    200: { ...reply, description: 'It is mine no more', example: { ...reservationExample, status: 'cancelled' } },
  },
  problems: [...theirs, 'trip-started'],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.again({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { partnerReservations }) {
    const cancelled = await partnerReservations.cancel({ operatorId, personId }, reservationId);
    return { status: 200, body: reservationView(cancelled) };
  },
});

const keySchema = as(
  z.object({
    ...{ vehicleId: z.string(), reservationId: z.string(), fence: z.int(), tokenId: z.string() },
    token: as(z.string(), {
      description: 'A CWT (RFC 8392) in a COSE_Sign1, base64url: the phone hands it to the vehicle',
    }),
    actions: z.array(z.enum(['start', 'pause', 'resume', 'end'])),
    notBefore: instant(),
    expiresAt: instant('No later than the hold until the trip has started; a running trip goes on beyond it'),
  }),
  { id: 'DigitalKey' },
);

const issueKey = personRoute({
  ...{ method: 'POST', path: `${path}/{reservationId}/key`, operationId: 'issueMyKey', tag, audit: 'reservation.key' },
  summary: 'A key for my phone',
  description:
    'Money is set aside before the first one. It opens this vehicle alone, with this phone alone, with or without a network. Ask again to renew it.',
  pathSchema: reservationPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ phoneKey: phoneKeyText }), { id: 'KeyRequest' }),
    mediaTypes: ['application/json'],
    examples: {
      phone: {
        phoneKey:
          'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q',
      },
    },
  },
  replies: {
    201: {
      description: 'The key',
      schema: keySchema,
      example: {
        ...{ vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', reservationId: reservationExample.reservationId, fence: 7 },
        ...{ tokenId: '9f2c4b7a01d3e856', token: '0oRDoQEm', actions: ['start', 'pause', 'resume', 'end'] },
        ...{ notBefore: '2026-11-21T08:29:30.000Z', expiresAt: reservationExample.expiresAt },
      },
    },
  },
  problems: [
    ...theirs,
    ...(['driver-blocked', 'hold-expired', 'payment-declined', 'payment-unavailable', 'vehicle-takes-no-key'] as const),
  ],
  async permit({ path: { operatorId, reservationId }, person: { personId } }, { reservations }) {
    await reservations.require({ operatorId, personId }, reservationId);
  },
  async handle({ path: { operatorId, reservationId }, body, person: { personId } }, { keys }) {
    const { token, claims } = await keys.issue({ operatorId, personId }, reservationId, body.phoneKey);
    const { phoneKey: _, issuedAt: __, notBefore, expiresAt, ...rest } = claims;
    const times = { notBefore: isoTime(notBefore), expiresAt: isoTime(expiresAt) };
    return { status: 201, body: { ...rest, token: base64url(token), ...times } };
  },
});

export const myReservationRoutes: readonly SharingRoute[] = [
  ...[holdVehicle, listReservations, getReservation],
  ...[extendReservation, cancelReservation, issueKey],
];
