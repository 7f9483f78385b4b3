import * as z from 'zod/mini';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, homeText, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { type VehicleView, vehicleExample, vehicleSchema, viewOf } from './vehicle-view.ts';

const tag = 'Registry';
const path = '/v1/vehicles/{vehicleId}/move';
const onePath = z.object({ vehicleId: vehicleIdText });

const since = '2026-11-21T08:31:00.000Z';
const moving: VehicleView = {
  ...{ ...vehicleExample, home: { name: 'first', epoch: 0 } },
  move: { step: 'asked', to: 'vw-weu', since, deadline: '2026-12-05T08:31:00.000Z' },
};
const returning: VehicleView = {
  ...{ ...moving, move: { step: 'returning', to: 'vw-weu', since, reason: 'called-back' } },
};

const moveVehicle = route({
  ...{ method: 'POST', path, operationId: 'moveVehicle', tag },
  summary: 'Have a vehicle move to another device cloud',
  description:
    'It goes when it is online, within two weeks, and neither while it installs nor while somebody has it; commands, settings and readings are not lost. `GET` of the vehicle shows how far it is. Asking again changes nothing.',
  scopes: ['manage_vehicles'],
  audit: 'vehicle.move',
  pathSchema: onePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: z.strictObject({ to: as(homeText, { description: 'Name of the device cloud' }) }),
    mediaTypes: ['application/json'],
    examples: { there: { to: 'vw-weu' }, back: { to: 'first' } },
  },
  replies: {
    202: { description: 'It is on its way', schema: vehicleSchema, example: moving },
    200: { description: 'It is there', schema: vehicleSchema, example: vehicleExample },
  },
  problems: [
    'vehicle-not-found',
    'home-unknown',
    'vehicle-expected',
    'vehicle-provisioned',
    'vehicle-suspended',
    'vehicle-retired',
    'certificate-changing',
    'vehicle-installing',
    'vehicle-on-trip',
    'vehicle-moving',
  ],
  async permit({ path: { vehicleId }, caller }, services) {
    await services.vehicles.require(caller, vehicleId);
  },
  async handle({ path: { vehicleId }, body, caller }, services) {
    const known = await services.moves.send(caller, vehicleId, body.to);
    return { status: known.vehicle.home?.move === undefined ? 200 : 202, body: viewOf(known) };
  },
});

const callVehicleBack = route({
  ...{ method: 'DELETE', path, operationId: 'callVehicleBack', tag },
  summary: 'Have a vehicle stay that was to move',
  description: 'Until it has arrived. A vehicle that is not on its way stays as it is; asking again changes nothing.',
  scopes: ['manage_vehicles'],
  audit: 'vehicle.move-callback',
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    202: {
      description: 'It stays, and what was prepared for it is taken away',
      schema: vehicleSchema,
      example: returning,
    },
    200: { description: 'It is not on its way', schema: vehicleSchema, example: vehicleExample },
  },
  problems: ['vehicle-not-found', 'vehicle-arrived'],
  async handle({ path: { vehicleId }, caller }, services) {
    const known = await services.moves.callBack(caller, vehicleId);
    return { status: known.vehicle.home?.move === undefined ? 200 : 202, body: viewOf(known) };
  },
});

export const moveRoutes: readonly VehicleRoute[] = [moveVehicle, callVehicleBack];
