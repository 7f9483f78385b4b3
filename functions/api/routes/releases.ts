import * as z from 'zod/mini';
import { requireBrand } from '#shared/access/caller.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { requireKnownBrand } from '../known-brand.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as, brandText, cursorParameter, limitParameter, pageOf } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import {
  contentExample,
  onePath,
  orderSchema,
  releaseExample,
  releaseSchema,
  summaryExample,
  summarySchema,
  summaryViewOf,
  tag,
  viewOf,
} from './release-view.ts';

/** A release of a hundred control units. */
const largestRelease = 256 * 1024;

const createRelease = route({
  ...{ method: 'POST', path: '/v1/releases', operationId: 'createRelease', tag },
  summary: 'Describe a release of software for control units',
  description:
    'What it consists of is fixed from then on: another content is another release. Each hardware id has to be in the catalogue, its slot has to hold the image, release counters never fall below what was approved before, requirements between images have an order.',
  scopes: ['manage_releases'],
  audit: 'release.create',
  pathSchema: z.object({}),
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: orderSchema,
    mediaTypes: ['application/json'],
    examples: { gateway: { brand: 'volkswagen', ...contentExample } },
    largest: largestRelease,
  },
  replies: {
    201: {
      description: 'A draft, which waits for its files',
      schema: releaseSchema,
      example: releaseExample,
      headers: { Location: 'Where it can be read' },
    },
  },
  problems: [
    ...(['unknown-brand', 'brand-not-allowed', 'unknown-hardware', 'ecu-twice', 'image-too-large'] as const),
    ...(['release-counter-falls', 'files-contradict', 'dependency-cycle'] as const),
    ...(['dependency-unmet', 'rxswin-contradicts'] as const),
  ],
  async permit({ body, caller }, services) {
    requireKnownBrand(services, body.brand, '/brand');
    requireBrand(caller, body.brand);
  },
  async handle({ body: { brand, ...content }, caller, operation }, services) {
    requireKnownBrand(services, brand, '/brand');
    const release = await services.releases.create(caller, brand, content, operation);
    return { status: 201, body: viewOf(release), headers: { location: `/v1/releases/${release.releaseId}` } };
  },
});

const getRelease = route({
  ...{ method: 'GET', path: '/v1/releases/{releaseId}', operationId: 'getRelease', tag },
  summary: 'A release, with what the type approval wants to be known of it',
  scopes: ['read_releases'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'The release', schema: releaseSchema, example: releaseExample } },
  problems: ['release-not-found'],
  async handle({ path: { releaseId }, caller }, services) {
    return { status: 200, body: viewOf(await services.releases.require(caller, releaseId)) };
  },
});

const listReleases = route({
  ...{ method: 'GET', path: '/v1/releases', operationId: 'listReleases', tag },
  summary: 'The releases, the newest first',
  scopes: ['read_releases'],
  pathSchema: z.object({}),
  querySchema: z.strictObject({
    brand: as(z.exactOptional(brandText), { description: 'Without it, every brand of the client' }),
    limit: limitParameter(100, 25),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: { description: 'A page of releases', schema: pageOf(summarySchema), example: { items: [summaryExample] } },
  },
  problems: ['bad-cursor', 'brand-not-allowed', 'unknown-brand'],
  async handle({ query: { brand, limit, cursor }, caller }, services) {
    if (brand !== undefined) requireKnownBrand(services, brand, 'brand');
    const query = { releasesOf: brand ?? caller.brands };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await services.releases.list(caller, brand, page);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(summaryViewOf), ...nextCursor } };
  },
});

export const releaseRoutes: readonly VehicleRoute[] = [createRelease, listReleases, getRelease];
