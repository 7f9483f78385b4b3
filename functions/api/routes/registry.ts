import * as z from 'zod/mini';
import { type Caller, requireBrand, requireScope } from '#shared/access/caller.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { ecuSchema, rxswinsSchema } from '#shared/registry/inventory.ts';
import { vehicleIdOf } from '#shared/registry/vehicle-id.ts';
import type { VehicleQuery } from '#shared/registry/vehicle-repository.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { requireKnownBrand } from '../known-brand.ts';
import { registrationSchema } from '../registration.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import {
  as,
  brandText,
  cursorParameter,
  instant,
  isoTime,
  limitParameter,
  marketText,
  modelText,
  pageOf,
  softwareVersionText,
  vehicleIdText,
  vinText,
} from '../schemas.ts';
import type { VehicleServices } from '../services.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { expectedExample, statusSchema, vehicleExample, vehicleSchema, viewFor, viewOf } from './vehicle-view.ts';

const tag = 'Registry';
const onePath = z.object({ vehicleId: vehicleIdText });

const registerVehicle = route({
  ...{ method: 'POST', path: '/v1/vehicles', operationId: 'registerVehicle', tag },
  summary: 'Expect a vehicle',
  description:
    'From now on the vehicle with this VIN may provision itself. The same registration again answers 200 with the same vehicle, unless that is retired.',
  scopes: ['manage_vehicles'],
  audit: 'vehicle.register',
  auditSubject: ({ operationId }) => ({ kind: 'vehicle', id: vehicleIdOf(operationId) }),
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: registrationSchema,
    mediaTypes: ['application/json'],
    examples: { car: { vin: 'WVWZZZE1ZMP000001', brand: 'volkswagen', model: 'ID.3', market: 'DE' } },
  },
  replies: {
    201: {
      description: 'Registered',
      schema: vehicleSchema,
      example: expectedExample,
      headers: { Location: 'The vehicle' },
    },
    200: { description: 'Was registered so before', schema: vehicleSchema, example: vehicleExample },
  },
  problems: [
    ...(['vin-already-registered', 'vehicle-retired', 'brand-not-allowed', 'unknown-brand', 'home-unknown'] as const),
    'vehicle-erased',
  ],
  async permit({ body, caller, before }, { vehicles }) {
    requireBrand(caller, body.brand);
    // The request has the VIN and the answer the id: where the vehicle was erased, nothing may join the two again.
    await vehicles.require(caller, z.object({ vehicleId: vehicleIdText }).parse(before).vehicleId);
  },
  async handle({ body, caller, operation }, services) {
    requireKnownBrand(services, body.brand, '/brand');
    const { created, vehicle } = await services.vehicles.register(caller, body, operation);
    const known = created
      ? { vehicle, connection: { connected: false } }
      : await services.vehicles.get(caller, vehicle.vehicleId);
    const headers = { location: `/v1/vehicles/${vehicle.vehicleId}` };
    return { status: created ? 201 : 200, body: viewOf(known), headers };
  },
});

const searchVehicles = route({
  ...{ method: 'GET', path: '/v1/vehicles', operationId: 'searchVehicles', tag },
  summary: 'Find vehicles',
  description: 'All filters have to hold. A page may be short, even empty, and still have a next one.',
  scopes: ['read_vehicles'],
  pathSchema: z.object({}),
  querySchema: z.strictObject({
    brand: z.exactOptional(brandText),
    model: z.exactOptional(modelText),
    market: z.exactOptional(marketText),
    softwareVersion: z.exactOptional(softwareVersionText),
    status: z.exactOptional(statusSchema),
    vin: z.exactOptional(as(vinText, { description: 'Needs the scope `read_vin`' })),
    limit: limitParameter(100, 25),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page of vehicles', schema: pageOf(vehicleSchema), example: { items: [vehicleExample] } },
  },
  problems: ['brand-not-allowed', 'unknown-brand', 'bad-cursor'],
  async handle({ query: { limit, cursor, vin, brand, ...filters }, caller }, services) {
    const query = { ...filters, brands: brandsFor(caller, services, brand) };
    if (vin !== undefined) requireScope(caller, 'read_vin');
    const position = decodeCursor({ ...query, vin }, cursor);
    const page = vin === undefined ? { limit, ...(position !== undefined && { from: position }) } : undefined;
    const { items, next } =
      page === undefined ? await foundByVin(services, query, vin) : await services.vehicles.search(query, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor({ ...query, vin }, next) };
    return { status: 200, body: { items: items.map((known) => viewFor(caller, known)), ...nextCursor } };
  },
});

const getVehicle = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}', operationId: 'getVehicle', tag },
  summary: 'One vehicle',
  scopes: ['read_vehicles'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The vehicle', schema: vehicleSchema, example: vehicleExample } },
  problems: ['vehicle-not-found'],
  async handle({ path, caller }, services) {
    return { status: 200, body: viewFor(caller, await services.vehicles.get(caller, path.vehicleId)) };
  },
});

const inventorySchema = z.object({
  softwareVersion: z.exactOptional(z.string()),
  reportedAt: z.exactOptional(instant()),
  ecus: z.array(as(ecuSchema, { id: 'Ecu' })),
  rxswins: z.exactOptional(
    as(rxswinsSchema, {
      description: 'RX software identification numbers by UN regulation, as the vehicle keeps them',
    }),
  ),
});

const listEcus = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/ecus', operationId: 'listEcus', tag },
  summary: 'Control units and their software, as the vehicle reported them',
  scopes: ['read_vehicles'],
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'The inventory; empty until the vehicle has reported one',
      schema: inventorySchema,
      example: {
        softwareVersion: '5.4.1',
        reportedAt: '2026-11-21T08:30:01.000Z',
        ecus: [{ ecuId: 'gateway', hardwareId: 'ICAS1-4', softwareVersion: '5.4.1', releaseCounter: 41 }],
        rxswins: { 'UN R79': 'VW-R79-0012' },
      },
    },
  },
  problems: ['vehicle-not-found'],
  async handle({ path, caller }, services) {
    const inventory = await services.vehicles.inventory(caller, path.vehicleId);
    if (inventory === undefined) return { status: 200, body: { ecus: [] } };
    const { softwareVersion, reportedAt, ecus, rxswins } = inventory;
    return {
      status: 200,
      body: { softwareVersion, reportedAt: isoTime(reportedAt), ecus, ...(rxswins && { rxswins }) },
    };
  },
});

export const registryRoutes: readonly VehicleRoute[] = [registerVehicle, searchVehicles, getVehicle, listEcus];

function foundByVin(
  services: VehicleServices,
  query: VehicleQuery,
  vin: Parameters<VehicleServices['vehicles']['findByVin']>[1] | undefined,
) {
  const found = vin === undefined ? Promise.resolve([]) : services.vehicles.findByVin(query, vin);
  return found.then((items) => ({ items, next: undefined }));
}

function brandsFor(caller: Caller, services: VehicleServices, brand: Brand | undefined): readonly Brand[] {
  if (brand === undefined) return caller.brands;
  requireKnownBrand(services, brand, 'brand');
  requireBrand(caller, brand);
  return [brand];
}
