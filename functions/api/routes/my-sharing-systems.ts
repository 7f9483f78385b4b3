import * as z from 'zod/mini';
import type { SharingSystem } from '#shared/sharing/setup/system.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders } from '../route.ts';
import { as, pageOf } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';
import { pageQuery, setupExamples, systemView, tag } from './sharing-setup-view.ts';

const { systemId, operatorId, name, bounds, timeZone, currency, openingHours } = systemView.shape;
const citySchema = as(
  z.object({
    ...{ systemId, name, operatorId: as(operatorId, { description: 'With whom one joins, holds and pays' }) },
    bounds: as(bounds, { description: 'West, south, east, north in degrees (WGS 84)' }),
    ...{ timeZone, currency, openingHours },
  }),
  { id: 'SharingCity' },
);

const listCities = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/systems', operationId: 'listSharingCities', tag },
  summary: 'The cities in which I may ride',
  description: 'Of every operator; I join the one whose vehicle I want to hold.',
  pathSchema: z.object({}),
  querySchema: pageQuery,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of cities',
      schema: pageOf(citySchema),
      example: { items: [cityOf(citySchema.parse(setupExamples.system))] },
    },
  },
  problems: ['bad-cursor'],
  async handle({ query: { limit, cursor } }, { systems }) {
    const query = { cities: 'all' };
    const from = decodeCursor(query, cursor);
    const { items, next } = await systems.offered({ limit, ...(from !== undefined && { from }) });
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(query, next) };
    return { status: 200, body: { items: items.map(cityOf), ...nextCursor } };
  },
});

export const mySharingSystemRoutes: readonly SharingRoute[] = [listCities];

type City = Pick<
  SharingSystem,
  'systemId' | 'operatorId' | 'name' | 'bounds' | 'timeZone' | 'currency' | 'openingHours'
>;

function cityOf({ systemId, operatorId, name, bounds, timeZone, currency, openingHours }: City) {
  return { systemId, name, operatorId, bounds, timeZone, currency, openingHours };
}
