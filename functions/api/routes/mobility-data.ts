import * as z from 'zod/mini';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { mdsContentType, mdsVersion, requireMdsVersion } from '../mds-version.ts';
import { noBody, noQuery, type Reply } from '../route.ts';
import { as, cursorParameter, integerParameter, limitParameter } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { devicePath, hourParameter, mdsBodies, mdsExamples, tag } from './mobility-view.ts';
import { systemPath } from './sharing-setup-view.ts';

const city = '/v1/mds/{systemId}';
const headerSchema = z.object({
  accept: z.optional(as(z.string(), { description: `\`${mdsContentType}\`; anything else but \`*/*\` is 406` })),
});
const common = {
  ...({ method: 'GET', tag, scopes: ['read_mobility_data'] } as const),
  ...{ pathSchema: systemPath, headerSchema, body: noBody },
};
const always = ['system-not-found', 'version-not-acceptable'] as const;
const onePath = z.object({ ...systemPath.shape, deviceId: devicePath });
const paged = z.strictObject({ limit: limitParameter(500, 100), cursor: cursorParameter });

function replyOf<Name extends keyof typeof mdsBodies>(description: string, name: Name) {
  return { description, schema: mdsBodies[name], example: mdsExamples[name], mediaType: mdsContentType };
}

/** MDS 2.0, "Versioning": the answer names the version in its media type, too. */
function mds(body: object, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  const all = { 'content-type': mdsContentType, vary: 'accept', ...headers };
  return { status, headers: all, body: { version: mdsVersion, ...body } };
}

/** Read of the tables at this moment: another answer may be another one. */
function live(now: number, body: object): Reply {
  return mds({ last_updated: now, ttl: 0, ...body });
}

/** JSON:API, "Pagination". @param query everything but the cursor */
function linksOf(origin: string, path: string, query: Readonly<Record<string, number>>, cursor: string | undefined) {
  const at = (more: Readonly<Record<string, string>>) => {
    const asked = Object.entries({ ...query, ...more }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${origin}${path}?${asked.join('&')}`;
  };
  return { first: at({}), next: cursor === undefined ? null : at({ cursor }) };
}

/** An hour that may still lack something: MDS 2.0, "Historical Events - Responses". */
const notYet = { 202: replyOf('The hour is past, and not complete yet: ask again after `Retry-After`', 'notYet') };

function orNotYet(name: string, items: readonly unknown[] | undefined): Reply {
  return items === undefined ? mds({}, 202, { 'retry-after': '300' }) : mds({ [name]: items });
}

const listVehicles = route({
  ...{ ...common, path: `${city}/vehicles`, operationId: 'listMdsVehicles', querySchema: paged },
  summary: 'Vehicles that serve in the city, or did within the last 30 days',
  replies: { 200: replyOf('A page of vehicles', 'vehicles') },
  problems: ['bad-cursor', ...always],
  async handle({ path: { systemId }, query: { limit, cursor }, headers, caller, origin }, { mobility, clock }) {
    requireMdsVersion(headers.accept);
    const query = { vehiclesOf: systemId };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items: vehicles, next } = await mobility.vehicles(caller, systemId, page);
    const following = next === undefined ? undefined : encodeCursor(query, next);
    const links = linksOf(origin, `/v1/mds/${systemId}/vehicles`, { limit }, following);
    return live(clock.now(), { vehicles, links });
  },
});

const getVehicle = route({
  ...{ ...common, path: `${city}/vehicles/{deviceId}`, operationId: 'getMdsVehicle' },
  ...{ pathSchema: onePath, querySchema: noQuery, summary: 'One vehicle, however long ago it served' },
  replies: { 200: replyOf('The vehicle', 'vehicles') },
  problems: ['device-not-found', ...always],
  async handle({ path: { systemId, deviceId }, headers, caller }, { mobility, clock }) {
    requireMdsVersion(headers.accept);
    return live(clock.now(), { vehicles: [await mobility.vehicle(caller, systemId, deviceId)] });
  },
});

const listStatuses = route({
  ...{ ...common, path: `${city}/vehicles/status`, operationId: 'listMdsVehicleStatuses', querySchema: paged },
  summary: 'Where vehicles are, and in which state',
  description:
    'Of one that somebody has, or may still drive, where its last event was: nobody is followed on their way. Those that were taken away, or have left the city, are shown for 90 minutes; those that have never said where they are, not at all.',
  replies: { 200: replyOf('A page of statuses', 'statuses') },
  problems: ['bad-cursor', ...always],
  async handle({ path: { systemId }, query: { limit, cursor }, headers, caller, origin }, { mobility, clock }) {
    requireMdsVersion(headers.accept);
    const query = { statusesOf: systemId };
    const from = decodeCursor(query, cursor);
    const now = clock.now();
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await mobility.statuses(caller, systemId, page);
    const following = next === undefined ? undefined : encodeCursor(query, next);
    const links = linksOf(origin, `/v1/mds/${systemId}/vehicles/status`, { limit }, following);
    return live(now, { vehicles_status: items, links });
  },
});

const getStatus = route({
  ...{ ...common, path: `${city}/vehicles/status/{deviceId}`, operationId: 'getMdsVehicleStatus' },
  ...{ pathSchema: onePath, querySchema: noQuery, summary: 'Where one vehicle is, and in which state' },
  replies: { 200: replyOf('Its status', 'statuses') },
  problems: ['device-not-found', ...always],
  async handle({ path: { systemId, deviceId }, headers, caller }, { mobility, clock }) {
    requireMdsVersion(headers.accept);
    const now = clock.now();
    return live(now, { vehicles_status: [await mobility.status(caller, systemId, deviceId)] });
  },
});

const instant = (description: string) =>
  as(integerParameter(0, 7_258_118_400_000), { description, examples: [1_795_374_000_000] });

const listRecent = route({
  ...{ ...common, path: `${city}/events/recent`, operationId: 'listRecentMdsEvents' },
  summary: 'What happened to vehicles, within the last two weeks',
  description: 'In the order of their times. A page may be short, even empty, and still have a next one.',
  querySchema: z.strictObject({
    start_time: instant('From here on, milliseconds since 1970 in UTC'),
    end_time: instant('Before this, milliseconds since 1970 in UTC'),
    ...paged.shape,
  }),
  replies: { 200: replyOf('A page of events', 'recent') },
  problems: ['bad-cursor', 'empty-range', 'range-not-recent', ...always],
  async handle(
    { path: { systemId }, query: { limit, cursor, ...range }, headers, caller, origin },
    { mobility, clock },
  ) {
    requireMdsVersion(headers.accept);
    const query = { eventsOf: systemId, ...range };
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const span = { from: range.start_time, to: range.end_time };
    const now = clock.now();
    const { items: events, next } = await mobility.recent(caller, systemId, span, page);
    const following = next === undefined ? undefined : encodeCursor(query, next);
    return live(now, {
      events,
      links: linksOf(origin, `/v1/mds/${systemId}/events/recent`, { ...range, limit }, following),
    });
  },
});

const listHistorical = route({
  ...{ ...common, path: `${city}/events/historical`, operationId: 'listHistoricalMdsEvents' },
  summary: 'What happened to vehicles within one hour',
  description:
    'Complete five minutes after the hour’s end, but for vehicles that were out of contact: what they did is told under the hour in which they did it, with the `publication_time` at which it became known.',
  querySchema: z.strictObject({ event_time: hourParameter('in which it happened') }),
  replies: { 200: replyOf('All of the hour', 'historical'), ...notYet },
  problems: ['hour-ahead', 'hour-before-service', ...always],
  async handle({ path: { systemId }, query: { event_time }, headers, caller }, { mobility }) {
    requireMdsVersion(headers.accept);
    return orNotYet('events', await mobility.historical(caller, systemId, event_time));
  },
});

const listTrips = route({
  ...{ ...common, path: `${city}/trips`, operationId: 'listMdsTrips' },
  summary: 'Trips that ended within one hour',
  description:
    'When and where each began and ended, how far it went, and what it cost as soon as it is settled. Vehicles send no points on the way, so there are none to tell, and no `/telemetry`.',
  querySchema: z.strictObject({ end_time: hourParameter('in which they ended') }),
  replies: { 200: replyOf('All of the hour', 'trips'), ...notYet },
  problems: ['hour-ahead', 'hour-before-service', ...always],
  async handle({ path: { systemId }, query: { end_time }, headers, caller }, { mobility }) {
    requireMdsVersion(headers.accept);
    return orNotYet('trips', await mobility.trips(caller, systemId, end_time));
  },
});

/** `/vehicles/status` comes before `/vehicles/{deviceId}`, which it would be taken for. */
export const mobilityDataRoutes: readonly SharingRoute[] = [
  ...[listVehicles, listStatuses, getStatus, getVehicle],
  ...[listRecent, listHistorical, listTrips],
];
