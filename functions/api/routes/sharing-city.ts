import * as z from 'zod/mini';
import type { ZoneSet } from '#shared/sharing/zones/zone.ts';
import { zoneOrderOf } from '#shared/sharing/zones/zone-order.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, integerParameter, pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  pageQuery,
  planOrder,
  planPath,
  planView,
  setupExamples,
  systemPath,
  tag,
  zonesOrder,
  zonesView,
} from './sharing-setup-view.ts';

const zonesExample = { systemId: 'we-share-berlin', version: 1, ...setupExamples.zones };
const planExample = { ...setupExamples.plan, version: 1 };

/** Zones of 96 KB, and some white space: indented by two, a position is twice as long. */
const largestZones = 256 * 1024;

const getZones = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}/zones', operationId: 'getSharingZones', tag },
  summary: 'Where one may start, drive and end in a city',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: systemPath,
  ...pathAlone,
  replies: { 200: { description: 'All zones, in their order', schema: zonesView, example: zonesExample } },
  problems: ['system-not-found', 'zones-not-found'],
  async handle({ path, caller }, { cities }) {
    return { status: 200, body: viewOf(await cities.zones(caller, path.systemId)) };
  },
});

const setZones = route({
  ...{ method: 'POST', path: '/v1/sharing/systems/{systemId}/zones', operationId: 'setSharingZones', tag },
  summary: 'Set the zones of a city, all at once',
  description:
    'In force at once; vehicles that drive without a network judge by those that they know, and name their version. The very same again changes nothing.',
  scopes: ['manage_sharing'],
  audit: 'sharing-zones.set',
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: zonesOrder,
    mediaTypes: ['application/json'],
    examples: { zones: setupExamples.zones },
    largest: largestZones,
  },
  replies: {
    200: { description: 'They were so before', schema: zonesView, example: zonesExample },
    201: { description: 'Set, as a new version', schema: zonesView, example: zonesExample },
  },
  problems: [
    ...(['system-not-found', 'zones-changed', 'vehicle-type-unknown', 'zone-coordinates-swapped'] as const),
    ...(['zone-crosses-itself', 'zone-never-in-force', 'zone-not-closed', 'zone-outside-system'] as const),
    ...(['zone-ring-too-short', 'zone-rule-missing', 'zone-says-nothing', 'zone-twice'] as const),
    ...(['zones-too-large', 'zones-too-many'] as const),
  ],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.system(caller, path.systemId);
  },
  async handle({ path, body: { seenVersion, ...content }, caller }, { cities }) {
    const { changed, zones } = await cities.setZones(caller, path.systemId, content, seenVersion);
    return { status: changed ? 201 : 200, body: viewOf(zones) };
  },
});

const listPlans = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}/plans', operationId: 'listPricingPlans', tag },
  summary: 'What driving costs in a city: the newest version of each plan',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: systemPath,
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'A page of them', schema: pageOf(planView), example: { items: [planExample] } } },
  problems: ['bad-cursor', 'system-not-found'],
  async handle({ path: { systemId }, query: { limit, cursor }, caller }, { cities }) {
    const query = { plansOf: systemId };
    const from = decodeCursor(query, cursor);
    const { items, next } = await cities.plans(caller, systemId, { limit, ...(from !== undefined && { from }) });
    return { status: 200, body: { items, ...(next !== undefined && { nextCursor: encodeCursor(query, next) }) } };
  },
});

const getPlan = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}/plans/{planId}', operationId: 'getPricingPlan', tag },
  summary: 'A pricing plan',
  scopes: ['read_sharing', 'manage_sharing'],
  pathSchema: planPath,
  querySchema: z.strictObject({
    version: z.exactOptional(as(integerParameter(1, 999_999), { description: 'Without it the newest' })),
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: { 200: { description: 'The plan', schema: planView, example: planExample } },
  problems: ['plan-not-found', 'system-not-found'],
  async handle({ path: { systemId, planId }, query: { version }, caller }, { cities }) {
    return { status: 200, body: await cities.plan(caller, systemId, planId, version) };
  },
});

const setPlan = route({
  ...{ method: 'POST', path: '/v1/sharing/systems/{systemId}/plans', operationId: 'setPricingPlan', tag },
  summary: 'Set what driving costs, as a new version of a plan',
  description:
    'Whoever holds a vehicle pays by the version of their hold. What a version says never changes; the very same again makes none.',
  scopes: ['manage_sharing'],
  audit: 'pricing-plan.set',
  pathSchema: systemPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: { schema: planOrder, mediaTypes: ['application/json'], examples: { plan: setupExamples.plan } },
  replies: {
    200: { description: 'The newest version says the same', schema: planView, example: planExample },
    201: { description: 'A new version', schema: planView, example: planExample },
  },
  problems: [
    ...(['system-not-found', 'currency-other', 'day-cap-below-fee', 'day-cap-below-minute'] as const),
    ...(['package-dearer-than-without', 'package-empty', 'package-twice', 'pause-dearer-than-driving'] as const),
    ...(['price-absurd', 'price-negative', 'price-not-whole'] as const),
  ],
  async permit({ path, caller }, { sharingDoor }) {
    await sharingDoor.system(caller, path.systemId);
  },
  async handle({ path, body, caller }, { cities }) {
    const { changed, plan } = await cities.setPlan(caller, path.systemId, body);
    return { status: changed ? 201 : 200, body: plan };
  },
});

export const sharingCityRoutes: readonly SharingRoute[] = [getZones, setZones, listPlans, getPlan, setPlan];

function viewOf({ systemId, version, ...content }: ZoneSet) {
  return { systemId, version, ...zoneOrderOf(content) };
}
