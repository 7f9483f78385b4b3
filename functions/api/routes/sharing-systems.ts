import * as z from 'zod/mini';
import { noHeaders, noQuery, pathAlone } from '../route.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { setupExamples, systemChanges, systemOrder, systemPath, systemView, tag } from './sharing-setup-view.ts';

const example = { ...setupExamples.system, version: 1 };

const faults = [
  ...(['bounds-not-usable', 'currency-not-usable', 'licence-not-usable', 'market-not-taxed'] as const),
  ...(['opening-hours-not-usable', 'range-missing', 'time-zone-unknown', 'vehicle-type-twice'] as const),
] as const;

const createSystem = route({
  ...{ method: 'POST', path: '/v1/sharing/systems', operationId: 'createSharingSystem', tag },
  summary: 'Open a service in a city',
  description:
    'Operator, market and currency stay as they are. Plans, zones and vehicles follow; no vehicle is taken in before the plan of its type. The very same again changes nothing.',
  scopes: ['manage_sharing'],
  audit: 'sharing-system.create',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: systemOrder, mediaTypes: ['application/json'], examples: { berlin: setupExamples.system } },
  replies: {
    200: { description: 'It was there, with the same data', schema: systemView, example },
    201: { description: 'Created', schema: systemView, example },
  },
  problems: ['operator-not-found', 'system-known-otherwise', ...faults],
  async permit({ body, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, body.operatorId);
  },
  async handle({ body: { systemId, operatorId, ...order }, caller }, { systems }) {
    const { created, system } = await systems.create(caller, systemId, operatorId, order);
    return { status: created ? 201 : 200, body: system };
  },
});

const getSystem = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}', operationId: 'getSharingSystem', tag },
  summary: 'A city and its rules',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: systemPath,
  ...pathAlone,
  replies: { 200: { description: 'The system', schema: systemView, example } },
  problems: ['system-not-found'],
  async handle({ path, caller }, { sharingDoor }) {
    return { status: 200, body: await sharingDoor.system(caller, path.systemId) };
  },
});

const changeSystem = route({
  ...{ method: 'PATCH', path: '/v1/sharing/systems/{systemId}', operationId: 'changeSharingSystem', tag },
  summary: 'Change the rules of a city',
  description:
    'A plan is there before a type names it. Present zones stay within the bounds, and `globalRules` say something of each type: what they would contradict is refused.',
  scopes: ['manage_sharing'],
  audit: 'sharing-system.change',
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: systemChanges,
    mediaTypes: ['application/json'],
    examples: { holds: { holds: { minutes: 20, extensionMinutes: 10, extensions: 1 } } },
  },
  replies: { 200: { description: 'The system as it is now', schema: systemView, example } },
  problems: [
    ...(['system-not-found', 'vehicle-type-gone', 'plan-unknown', 'zone-outside-system', 'zone-rule-missing'] as const),
    ...faults,
  ],
  async handle({ path, body, caller }, { systems }) {
    return { status: 200, body: await systems.change(caller, path.systemId, body) };
  },
});

export const sharingSystemRoutes: readonly SharingRoute[] = [createSystem, getSystem, changeSystem];
