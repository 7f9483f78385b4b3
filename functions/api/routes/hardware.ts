import * as z from 'zod/mini';
import { requireBrand } from '#shared/access/caller.ts';
import { type Hardware, hardwareSchema } from '#shared/ota/releases/hardware.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { requireKnownBrand } from '../known-brand.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as, brandText, cursorParameter, limitParameter, pageOf } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { tag } from './release-view.ts';

const newest = as(z.object({ releaseCounter: z.int(), sha256: z.string() }), {
  description: 'The newest software that was approved for it',
});
const viewSchema = as(z.object({ brand: z.string(), ...hardwareSchema.shape, newest: z.exactOptional(newest) }), {
  id: 'Hardware',
});
const orderSchema = as(z.strictObject({ brand: brandText, ...hardwareSchema.shape }), { id: 'HardwareOrder' });

const example = { brand: 'volkswagen', hardwareId: 'ID.3-gw-2', ecuId: 'gateway', slotBytes: 67_108_864 };

const addHardware = route({
  ...{ method: 'POST', path: '/v1/hardware', operationId: 'addHardware', tag },
  summary: 'Add a control unit to the catalogue of what software is released for',
  scopes: ['manage_releases'],
  audit: 'hardware.add',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: orderSchema, mediaTypes: ['application/json'], examples: { gateway: example } },
  replies: {
    200: { description: 'It was there, with the same data', schema: viewSchema, example },
    201: { description: 'Added', schema: viewSchema, example },
  },
  problems: ['unknown-brand', 'brand-not-allowed', 'hardware-known-otherwise'],
  async permit({ body, caller }) {
    requireBrand(caller, body.brand);
  },
  async handle({ body, caller }, services) {
    requireKnownBrand(services, body.brand, '/brand');
    const { created, hardware } = await services.hardware.add(caller, body);
    return { status: created ? 201 : 200, body: viewOf(hardware) };
  },
});

const listHardware = route({
  ...{ method: 'GET', path: '/v1/hardware', operationId: 'listHardware', tag },
  summary: 'The control units of a brand, by hardware id',
  scopes: ['read_releases'],
  pathSchema: z.object({}),
  querySchema: z.strictObject({ brand: brandText, limit: limitParameter(100, 25), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of them', schema: pageOf(viewSchema), example: { items: [example] } } },
  problems: ['bad-cursor', 'unknown-brand', 'brand-not-allowed'],
  async handle({ query: { brand, limit, cursor }, caller }, services) {
    requireKnownBrand(services, brand, 'brand');
    const query = { hardwareOf: brand };
    const from = decodeCursor(query, cursor);
    const { items, next } = await services.hardware.list(caller, brand, { limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

export const hardwareRoutes: readonly VehicleRoute[] = [addHardware, listHardware];

function viewOf({ brand, hardwareId, ecuId, slotBytes, newest: its }: Hardware): z.infer<typeof viewSchema> {
  return { brand, hardwareId, ecuId, slotBytes, ...(its !== undefined && { newest: its }) };
}
