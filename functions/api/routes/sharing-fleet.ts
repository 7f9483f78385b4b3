import * as z from 'zod/mini';
import { vehicleIdOf } from '#shared/registry/vehicle-id.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { pageOf, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  awayOrder,
  fleetExample,
  fleetLine,
  lineOf,
  vehicleChanges,
  vehicleOrder,
  vehicleView,
  viewOf,
} from './sharing-fleet-view.ts';
import { pageQuery, systemPath, tag } from './sharing-setup-view.ts';

const onePath = z.object({ vehicleId: vehicleIdText });
const { hasLogKey: _, state: __, ...lineExample } = fleetExample;

const takeIn = route({
  ...{ method: 'POST', path: '/v1/sharing/systems/{systemId}/vehicles', operationId: 'shareVehicle', tag },
  summary: 'Take a vehicle into service',
  description:
    'From then on it may be held. A vehicle of the registry has to be of a brand that the client acts for, and nobody’s. The same again makes good what a crash left undone; what was taken out of service since stays so.',
  scopes: ['manage_sharing'],
  audit: 'shared-vehicle.enter',
  auditSubject: ({ operationId }) => ({ kind: 'vehicle', id: vehicleIdOf(operationId) }),
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: vehicleOrder,
    mediaTypes: ['application/json'],
    examples: {
      car: { vehicleId: fleetExample.vehicleId, vehicleTypeId: 'e-golf', label: 'B-WS 101E' },
      bike: { vehicleTypeId: 'bike', label: 'Bike 17' },
    },
  },
  replies: {
    200: { description: 'It was shared so before', schema: vehicleView, example: fleetExample },
    201: { description: 'In service', schema: vehicleView, example: fleetExample },
  },
  problems: [
    ...(['system-not-found', 'vehicle-not-found', 'vehicle-retired', 'vehicle-owned', 'label-taken'] as const),
    ...(['vehicle-shared-otherwise', 'vehicle-type-unknown', 'plan-unknown', 'registration-missing'] as const),
    ...(['vehicle-in-use', 'vehicle-installing', 'transition-not-possible'] as const),
  ],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.system(caller, path.systemId);
  },
  async handle({ path, body, caller, operation }, { sharedFleet, clock }) {
    const { created, ...taken } = await sharedFleet.takeIn(caller, path.systemId, body, operation);
    return { status: created ? 201 : 200, body: viewOf(taken, clock.now()) };
  },
});

const list = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}/vehicles', operationId: 'listSharedVehicles', tag },
  summary: 'The vehicles of a city',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: systemPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of them', schema: pageOf(fleetLine), example: { items: [lineExample] } } },
  problems: ['bad-cursor', 'system-not-found'],
  async handle({ path: { systemId }, query: { limit, cursor }, caller }, { sharedFleet }) {
    const query = { sharedIn: systemId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await sharedFleet.list(caller, systemId, { limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(lineOf), ...nextCursor } };
  },
});

const get = route({
  ...{ method: 'GET', path: '/v1/sharing/vehicles/{vehicleId}', operationId: 'getSharedVehicle', tag },
  summary: 'A shared vehicle, its state and who has it, by the reservation alone',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The vehicle', schema: vehicleView, example: fleetExample } },
  problems: ['shared-vehicle-not-found'],
  async handle({ path, caller }, { sharedFleet, clock }) {
    return { status: 200, body: viewOf(await sharedFleet.get(caller, path.vehicleId), clock.now()) };
  },
});

const change = route({
  ...{ method: 'PATCH', path: '/v1/sharing/vehicles/{vehicleId}', operationId: 'changeSharedVehicle', tag },
  summary: 'Change what stands on a vehicle, or what it costs',
  scopes: ['manage_sharing'],
  audit: 'shared-vehicle.change',
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: vehicleChanges,
    mediaTypes: ['application/json'],
    examples: { label: { label: 'B-WS 102E' }, plan: { planId: null } },
  },
  replies: { 200: { description: 'The vehicle as it is now', schema: vehicleView, example: fleetExample } },
  problems: ['shared-vehicle-not-found', 'system-not-found', 'label-taken', 'plan-unknown'],
  async handle({ path, body, caller }, { sharedFleet, clock }) {
    return { status: 200, body: viewOf(await sharedFleet.change(caller, path.vehicleId, body), clock.now()) };
  },
});

const takeOut = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/out-of-service', operationId: 'withdrawVehicle', tag },
  summary: 'Take a vehicle out of service',
  description: 'Not while somebody has it; a hold that has expired is over. The same again changes nothing.',
  scopes: ['manage_sharing'],
  audit: 'shared-vehicle.leave',
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: awayOrder, mediaTypes: ['application/json'], examples: { service: { reason: 'maintenance' } } },
  replies: {
    200: {
      description: 'The vehicle as it is now',
      schema: vehicleView,
      example: { ...fleetExample, state: 'non_operational', outOfService: 'maintenance' },
    },
  },
  problems: [
    ...(['shared-vehicle-not-found', 'vehicle-not-found'] as const),
    ...(['vehicle-in-use', 'vehicle-still-driven', 'transition-not-possible'] as const),
  ],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, path.vehicleId);
  },
  async handle({ path, body, caller }, { sharedFleet, clock }) {
    return { status: 200, body: viewOf(await sharedFleet.takeOut(caller, path.vehicleId, body.reason), clock.now()) };
  },
});

const bringBack = route({
  ...{ method: 'POST', path: '/v1/sharing/vehicles/{vehicleId}/into-service', operationId: 'returnVehicle', tag },
  summary: 'Bring a vehicle back into service',
  description: 'From wherever it was taken. The same again changes nothing.',
  scopes: ['manage_sharing'],
  audit: 'shared-vehicle.return',
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The vehicle as it is now', schema: vehicleView, example: fleetExample } },
  problems: [
    ...(['shared-vehicle-not-found', 'vehicle-not-found', 'vehicle-in-use'] as const),
    ...(['vehicle-installing', 'transition-not-possible'] as const),
  ],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.vehicle(caller, path.vehicleId);
  },
  async handle({ path, caller }, { sharedFleet, clock }) {
    return { status: 200, body: viewOf(await sharedFleet.bringBack(caller, path.vehicleId), clock.now()) };
  },
});

export const sharingFleetRoutes: readonly SharingRoute[] = [takeIn, list, get, change, takeOut, bringBack];
