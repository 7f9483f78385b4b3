import * as z from 'zod/mini';
import { cardTypes, type VehicleCard } from '#shared/sharing/care/card.ts';
import { line } from '#shared/sharing/setup/text.ts';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, vehicleIdText } from '../schemas.ts';
import { personRoute, route, type SharingRoute } from '../sharing-route.ts';
import { tag } from './photo-view.ts';
import { reservationPath } from './reservation-view.ts';

const path = '/v1/sharing/vehicles/{vehicleId}/card';
const pathSchema = z.object({ vehicleId: vehicleIdText });
const scopes = ['manage_care'] as const;

const content = {
  type: z.enum(cardTypes),
  provider: as(line(80), { description: 'Whose network takes it' }),
  lastFour: z.string().check(z.regex(/^\d{4}$/)),
};
const shape = { vehicleId: z.string(), ...content, hasPin: z.boolean() };
const cardSchema = as(z.object(shape), { id: 'VehicleCard' });
const shownSchema = as(
  z.object({ ...shape, pin: z.exactOptional(as(z.string(), { description: 'Keep it in mind, and nowhere else' })) }),
  { id: 'ShownCard' },
);
const order = { type: 'charge', provider: 'Charge Network', lastFour: '4711' } as const;
const example = { vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', ...order, hasPin: true };
const reply = { description: 'The card, without its PIN', schema: cardSchema, example };
const noStore = { 'cache-control': 'no-store' };

const setCard = route({
  ...{ method: 'POST', path, operationId: 'setVehicleCard', tag, scopes, audit: 'sharing-card.set' },
  keepsNoKey: true,
  summary: 'Say which charge or fuel card goes with a vehicle',
  description: 'In place of the former one. The PIN is kept sealed, and shown to nobody but who drives the vehicle.',
  pathSchema,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(z.strictObject({ ...content, pin: z.exactOptional(z.string().check(z.regex(/^\d{4,8}$/))) }), {
      id: 'VehicleCardOrder',
    }),
    mediaTypes: ['application/json'],
    examples: { charge: order },
  },
  replies: { 200: reply },
  problems: ['shared-vehicle-not-found', 'contended'],
  async permit({ path: { vehicleId }, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller }, { cards }) {
    return { status: 200, body: cardView(await cards.set(caller, vehicleId, body)), headers: noStore };
  },
});

const getCard = route({
  ...{ method: 'GET', path, operationId: 'getVehicleCard', tag, scopes },
  summary: 'The card that goes with a vehicle',
  pathSchema,
  ...pathAlone,
  replies: { 200: reply },
  problems: ['shared-vehicle-not-found', 'card-not-found'],
  async handle({ path: { vehicleId }, caller }, { cards }) {
    return { status: 200, body: cardView(await cards.get(caller, vehicleId)) };
  },
});

const removeCard = route({
  ...{ method: 'DELETE', path, operationId: 'removeVehicleCard', tag, scopes, audit: 'sharing-card.remove' },
  summary: 'Forget the card of a vehicle',
  pathSchema,
  ...pathAlone,
  replies: {
    200: {
      description: 'It has none',
      schema: z.object({ vehicleId: z.string() }),
      example: { vehicleId: example.vehicleId },
    },
  },
  problems: ['shared-vehicle-not-found', 'contended'],
  async handle({ path: { vehicleId }, caller }, { cards }) {
    await cards.remove(caller, vehicleId);
    return { status: 200, body: { vehicleId } };
  },
});

const showCard = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/{operatorId}/reservations/{reservationId}/card' },
  ...{ operationId: 'showMyCard', tag, audit: 'sharing-card.show' },
  summary: 'The charge or fuel card of the vehicle that I drive, with its PIN',
  description: 'While the trip runs, five times an hour; each time stands in the audit.',
  pathSchema: reservationPath,
  ...pathAlone,
  replies: { 200: { description: 'The card', schema: shownSchema, example } },
  problems: ['reservation-not-found', 'card-only-in-trip', 'card-not-found', 'card-asked-too-often'],
  async handle({ path: { operatorId, reservationId }, person: { personId } }, { cards }) {
    const { card, pin } = await cards.show({ operatorId, personId }, reservationId);
    return { status: 200, body: { ...cardView(card), ...(pin !== undefined && { pin }) }, headers: noStore };
  },
});

function cardView({ vehicleId, type, provider, lastFour, sealedPin }: VehicleCard) {
  return { vehicleId, type, provider, lastFour, hasPin: sealedPin !== undefined };
}

export const vehicleCardRoutes: readonly SharingRoute[] = [setCard, getCard, removeCard, showCard];
