import * as z from 'zod/mini';
import type { OwnershipChange } from '#shared/ownership/ownership.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, pathAlone } from '../route.ts';
import { as, cursorParameter, instant, isoTime, limitParameter, pageOf, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Ownership';
const onePath = z.object({ vehicleId: vehicleIdText });
const opaque = 'Opaque identifier of a person; who it is stands in the user pool alone';

const ownershipSchema = as(
  z.object({
    vehicleId: z.string(),
    owned: z.boolean(),
    since: z.exactOptional(instant('The present owner has it since')),
    personId: z.exactOptional(as(z.string(), { description: opaque })),
  }),
  { id: 'Ownership' },
);

const changeSchema = as(
  z.object({
    reason: z.enum(['claimed', 'handed-on', 'given-up', 'erased']),
    from: z.exactOptional(as(z.string(), { description: opaque })),
    to: z.exactOptional(as(z.string(), { description: opaque })),
    at: instant(),
    partyErased: z.exactOptional(as(z.boolean(), { description: 'Somebody who stood here was erased' })),
  }),
  { id: 'OwnershipChange' },
);

const person = '3f1c2a9e-6f0b-4c52-9a57-0a5a5f0d7f11';
const example = {
  vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r',
  owned: true,
  since: '2026-11-21T08:30:00.000Z',
  personId: person,
};

const getOwnership = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/ownership', operationId: 'getOwnership', tag },
  summary: 'Whether a vehicle has an owner',
  scopes: ['read_ownership'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'As it is now', schema: ownershipSchema, example } },
  problems: ['vehicle-not-found'],
  async handle({ path: { vehicleId }, caller }, { vehicles, ownership }) {
    await vehicles.require(caller, vehicleId);
    const owner = (await ownership.load(vehicleId))?.owner;
    if (owner === undefined) return { status: 200, body: { vehicleId, owned: false } };
    return { status: 200, body: { vehicleId, owned: true, since: isoTime(owner.since), personId: owner.personId } };
  },
});

const listOwnershipChanges = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/ownership/history', operationId: 'listOwnershipChanges', tag },
  summary: 'The changes of a vehicle’s owner, the newest first',
  scopes: ['read_ownership'],
  pathSchema: onePath,
  querySchema: z.strictObject({ limit: limitParameter(100, 25), cursor: cursorParameter }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of changes',
      schema: pageOf(changeSchema),
      example: { items: [{ reason: 'claimed', to: person, at: '2026-11-21T08:30:00.000Z' }] },
    },
  },
  problems: ['vehicle-not-found', 'bad-cursor'],
  async handle({ path: { vehicleId }, query: { limit, cursor }, caller }, { vehicles, ownership }) {
    await vehicles.require(caller, vehicleId);
    const query = { ownershipOf: vehicleId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await ownership.history(vehicleId, { limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

export const ownershipRoutes: readonly VehicleRoute[] = [getOwnership, listOwnershipChanges];

function viewOf({ reason, from, to, at, partyErased }: OwnershipChange) {
  return {
    reason,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    at: isoTime(at),
    ...(partyErased && { partyErased }),
  };
}
