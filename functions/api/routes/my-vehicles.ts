import * as z from 'zod/mini';
import type { ClaimTarget } from '#shared/ownership/claim-service.ts';
import { notYours } from '#shared/ownership/ownership.ts';
import type { Owned } from '#shared/ownership/ownership-service.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, cursorParameter, instant, isoTime, limitParameter, pageOf, vehicleIdText, vinText } from '../schemas.ts';
import { personRoute, type VehicleRoute } from '../vehicle-route.ts';
import { codeText, type MyVehicleView, myVehicleExample, myVehicleSchema } from './ownership-view.ts';

const tag = 'Ownership';
const onePath = z.object({ vehicleId: vehicleIdText });

const claimVehicle = personRoute({
  ...{ method: 'POST', path: '/v1/me/vehicles', operationId: 'claimVehicle', tag, audit: 'ownership.claim' },
  summary: 'Claim the vehicle whose code I read from its screen',
  description:
    'Vehicle and code are judged together: whatever of them is wrong, the answer is the same. A code is valid for ten minutes and for five tries. Claiming what is mine already answers 200.',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.union([
        z.strictObject({ vehicleId: vehicleIdText, code: codeText }),
        z.strictObject({ vin: vinText, code: codeText }),
      ]),
      { id: 'Claim' },
    ),
    mediaTypes: ['application/json'],
    examples: {
      byVin: { vin: 'WVWZZZE1ZMP000001', code: '7K3M-9QWX' },
      byId: { vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', code: '7k3m9qwx' },
    },
  },
  replies: {
    201: {
      description: 'The vehicle is mine from now on',
      schema: myVehicleSchema,
      example: myVehicleExample,
      headers: { Location: 'My vehicle' },
    },
    200: { description: 'It was mine before', schema: myVehicleSchema, example: myVehicleExample },
  },
  problems: [
    ...([
      'claim-code-wrong',
      'claim-code-expired',
      'claim-code-exhausted',
      'too-many-claims',
      'vehicle-owned',
      'vehicle-shared',
      'person-erased',
    ] as const),
    ...(['vehicle-suspended', 'vehicle-retired', 'vehicle-expected', 'vehicle-provisioned'] as const),
  ],
  async permit({ body, person }, { claims, ownership }) {
    const vehicleId = await claims.find(targetOf(body));
    if (vehicleId === undefined) throw notYours();
    await ownership.require(person, vehicleId);
  },
  async handle({ body, person, operation }, { claims, persons }) {
    await persons.requireKept(person.personId);
    const { created, ownership, vehicle } = await claims.claim(person, targetOf(body), body.code, operation);
    const headers = { location: `/v1/me/vehicles/${vehicle.vehicleId}` };
    const view = viewOf({ vehicle, since: ownership.owner?.since ?? ownership.changedAt });
    return { status: created ? 201 : 200, body: view, headers };
  },
});

const listMyVehicles = personRoute({
  ...{ method: 'GET', path: '/v1/me/vehicles', operationId: 'listMyVehicles', tag },
  summary: 'The vehicles that are mine',
  description: 'A vehicle that came or went a moment ago may be missing, or still there.',
  pathSchema: z.object({}),
  querySchema: z.strictObject({ limit: limitParameter(50, 25), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of my vehicles, the one I have longest first',
      schema: pageOf(myVehicleSchema),
      example: { items: [myVehicleExample] },
    },
  },
  problems: ['bad-cursor'],
  async handle({ query: { limit, cursor }, person }, { ownership, registry }) {
    const query = { person: person.personId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await ownership.list(person, { limit, ...(from !== undefined && { from }) });
    const views = await Promise.all(
      items.map(async ({ vehicleId, owner }) => {
        const vehicle = await registry.load(vehicleId);
        return vehicle === undefined || owner === undefined ? [] : [viewOf({ vehicle, since: owner.since })];
      }),
    );
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: views.flat(), ...nextCursor } };
  },
});

const oneOfMineSchema = as(
  z.extend(myVehicleSchema, {
    vin: as(z.string(), { description: 'Vehicle identification number' }),
    handover: z.exactOptional(
      as(z.object({ offerId: z.string(), expiresAt: instant() }), { description: 'I have offered it to somebody' }),
    ),
  }),
  { id: 'MyVehicleWithVin' },
);

const getMyVehicle = personRoute({
  ...{ method: 'GET', path: '/v1/me/vehicles/{vehicleId}', operationId: 'getMyVehicle', tag },
  summary: 'One of my vehicles',
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'The vehicle, with its VIN',
      schema: oneOfMineSchema,
      example: { ...myVehicleExample, vin: 'WVWZZZE1ZMP000001' },
    },
  },
  problems: ['vehicle-not-yours'],
  async handle({ path, person }, { ownership, registry, clock }) {
    const owned = await ownership.require(person, path.vehicleId);
    const vehicle = await registry.load(path.vehicleId);
    if (vehicle === undefined) throw notYours();
    const body = {
      ...viewOf({ vehicle, since: owned.owner.since }),
      vin: vehicle.vin,
      ...handoverOf(owned, clock.now()),
    };
    return { status: 200, body };
  },
});

const giveUpVehicle = personRoute({
  ...{ method: 'DELETE', path: '/v1/me/vehicles/{vehicleId}', operationId: 'giveUpVehicle', tag },
  ...{ audit: 'ownership.give-up' },
  summary: 'Give one of my vehicles up',
  description: 'It has no owner then. What was offered is offered no more.',
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'The vehicle is mine no more',
      schema: z.object({ vehicleId: z.string(), givenUpAt: instant() }),
      example: { vehicleId: myVehicleExample.vehicleId, givenUpAt: '2026-11-24T10:00:00.000Z' },
    },
  },
  problems: ['vehicle-not-yours', 'contended'],
  async handle({ path, person, operation }, { ownership }) {
    const { vehicleId, at } = await ownership.giveUp(person, path.vehicleId, operation);
    return { status: 200, body: { vehicleId, givenUpAt: isoTime(at) } };
  },
});

export const myVehicleRoutes: readonly VehicleRoute[] = [claimVehicle, listMyVehicles, getMyVehicle, giveUpVehicle];

function targetOf(body: ClaimTarget): ClaimTarget {
  return 'vin' in body ? { vin: body.vin } : { vehicleId: body.vehicleId };
}

function viewOf({ vehicle, since }: { readonly vehicle: Vehicle; readonly since: number }): MyVehicleView {
  const { vehicleId, brand, model } = vehicle;
  return { vehicleId, brand, model, since: isoTime(since) };
}

function handoverOf({ offer }: Owned, now: number) {
  if (offer === undefined || offer.expiresAt <= now) return {};
  return { handover: { offerId: offer.offerId, expiresAt: isoTime(offer.expiresAt) } };
}
