import * as z from 'zod/mini';
import { twinNamePattern } from '#shared/twins/twin.ts';
import type { Belief, TaggedTwin } from '#shared/twins/twin-service.ts';
import { noQuery, pathAlone, type Reply } from '../route.ts';
import { as, instant, isoTime, vehicleIdText } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Twins';
const path = '/v1/vehicles/{vehicleId}/twins/{name}';

const twinPath = z.object({
  vehicleId: vehicleIdText,
  name: as(z.string().check(z.regex(twinNamePattern)), { description: 'Name of the twin', examples: ['climate'] }),
});

const settings = z.record(z.string(), z.unknown());

const twinSchema = as(
  z.object({
    name: z.string(),
    desired: as(settings, { description: 'What the vehicle should be' }),
    reported: as(settings, { description: 'What the vehicle says it is' }),
    delta: as(settings, { description: 'What is desired and not reported so' }),
    converged: z.boolean(),
    since: z.exactOptional(instant('Converged, or apart, since')),
  }),
  { id: 'Twin' },
);

const twinExample = {
  name: 'climate',
  desired: { targetTemperature: 21 },
  reported: { targetTemperature: 19 },
  delta: { targetTemperature: 21 },
  converged: false,
  since: '2026-11-21T08:30:00.000Z',
};

const patchSchema = as(z.strictObject({ desired: z.nullable(settings) }), {
  id: 'TwinPatch',
  description: 'A merge patch (RFC 7396) of the twin, of which only `desired` can be written; `null` removes',
});

const etagHeader = { ETag: 'Stands for `desired`: changes with it, and only with it' };

const getTwin = route({
  ...{ method: 'GET', path, operationId: 'getTwin', tag },
  summary: 'What a vehicle should be, and what it is',
  scopes: ['read_twins'],
  pathSchema: twinPath,
  ...pathAlone,
  replies: { 200: { description: 'The twin', schema: twinSchema, example: twinExample, headers: etagHeader } },
  problems: ['vehicle-not-found', 'twin-not-found'],
  async handle({ path: { vehicleId, name }, caller }, services) {
    return replyOf(await services.twins.get(caller, vehicleId, name));
  },
});

const patchTwin = route({
  ...{ method: 'PATCH', path, operationId: 'patchTwin', tag },
  summary: 'Change what a vehicle should be',
  description:
    'The vehicle converges when it can. With `If-Match` nothing is changed unless `desired` still has this ETag.',
  scopes: ['manage_twins'],
  audit: 'twin.change',
  pathSchema: twinPath,
  querySchema: noQuery,
  headerSchema: z.object({
    'if-match': z.exactOptional(
      as(z.string().check(z.regex(/^(\*|"[\x21\x23-\x7e]{1,128}")$/)), {
        description: 'One strong ETag of the twin, or `*`: it exists',
      }),
    ),
  }),
  body: {
    schema: patchSchema,
    mediaTypes: ['application/merge-patch+json', 'application/json'],
    examples: { warmer: { desired: { targetTemperature: 22 } }, remove: { desired: { targetTemperature: null } } },
  },
  replies: {
    200: { description: 'The twin as it is now', schema: twinSchema, example: twinExample, headers: etagHeader },
  },
  problems: [
    'twin-not-acceptable',
    'twin-reserved',
    'vehicle-not-found',
    'vehicle-expected',
    'vehicle-retired',
    'vehicle-not-provisioned',
    'twin-changed',
    'twin-too-large',
  ],
  async handle({ path: { vehicleId, name }, headers, body, caller }, services) {
    const belief = beliefOf(headers['if-match']);
    return replyOf(await services.twins.patch(caller, vehicleId, name, body.desired, belief));
  },
});

export const twinRoutes: readonly VehicleRoute[] = [getTwin, patchTwin];

function replyOf({ twin, tag: hash }: TaggedTwin): Reply {
  const { name, desired, reported, delta, converged, since } = twin;
  const view = { name, desired, reported, delta, converged, ...(since !== undefined && { since: isoTime(since) }) };
  return { status: 200, body: view, headers: { etag: `"${hash}"` } };
}

function beliefOf(ifMatch: string | undefined): Belief | undefined {
  if (ifMatch === undefined) return undefined;
  return ifMatch === '*' ? 'exists' : { tag: ifMatch.slice(1, -1) };
}
