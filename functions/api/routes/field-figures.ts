import * as z from 'zod/mini';
import { type FigureRow, longest } from '#shared/sharing/field/figures-service.ts';
import { localTime } from '#shared/sharing/field/local-hour.ts';
import { slug } from '#shared/sharing/setup/text.ts';
import { csvLine } from '#shared/transfers/csv.ts';
import { badCursor, decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody } from '../route.ts';
import { as, cursorParameter, instant, instantParameter, isoTime, limitParameter, pageOf } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { tag } from './field-task-view.ts';
import { systemPath } from './sharing-setup-view.ts';

const minute = 60_000;
const day = 86_400_000;
const minutes = (description: string) => as(z.number(), { description });
const money = (description: string) => as(z.int(), { description: `${description}, minor units of \`currency\`` });

const rowView = as(
  z.object({
    ...{ from: instant(), to: instant() },
    localFrom: as(z.string(), {
      description: 'When it began by the city’s clocks: the hour that autumn has twice differs in its offset',
    }),
    zoneId: z.exactOptional(as(z.string(), { description: 'Absent: outside all zones, or nobody knows where' })),
    availableMinutes: minutes('Of all vehicles together: anybody could have held them'),
    reservedMinutes: minutes('Somebody held them; where they were taken'),
    onTripMinutes: minutes('Somebody drove or paused; where they were taken'),
    outOfServiceMinutes: minutes('Nobody could hold them'),
    trips: as(z.int(), { description: 'Settled trips that began then, and there' }),
    tripMinutes: minutes('Of those trips, whenever they ended'),
    kilometres: z.number(),
    gross: money('What those trips cost'),
    net: money('Without value added tax'),
    refunded: money('Given back of it since, tax included'),
    currency: z.string(),
    unmetSearches: as(z.int(), { description: 'Searches that found nothing to walk to' }),
    meanIdleMinutes: z.exactOptional(minutes('How long vehicles that were held then had stood free before')),
  }),
  { id: 'FigureRow' },
);
type RowView = z.infer<typeof rowView>;

const example: RowView = {
  ...{ from: '2026-11-22T08:00:00.000Z', to: '2026-11-22T09:00:00.000Z', localFrom: '2026-11-22T09:00+01:00' },
  ...{
    zoneId: 'centre',
    availableMinutes: 5_130,
    reservedMinutes: 184.5,
    onTripMinutes: 905.2,
    outOfServiceMinutes: 240,
  },
  ...{ trips: 31, tripMinutes: 901.7, kilometres: 148.2, gross: 28_410, net: 23_874, refunded: 0, currency: 'EUR' },
  ...{ unmetSearches: 4, meanIdleMinutes: 96.4 },
};

const getFigures = route({
  ...{ method: 'GET', path: '/v1/sharing/systems/{systemId}/figures', operationId: 'getFigures', tag },
  summary: 'How a city is used, and what comes of it, by zone and hour',
  description:
    'Counted as it happens, by the city’s clocks: the hours, or days, that begin from `from` on and before `to`, those without anything left out. A trip counts once it is settled, in the hour in which it began and the zone where it did, however late it is heard of. With `Accept: text/csv` one line each.',
  scopes: ['read_accounts'],
  pathSchema: systemPath,
  querySchema: z.strictObject({
    from: z.exactOptional(instantParameter('A day before `to` where it is absent')),
    to: z.exactOptional(instantParameter('Now where it is absent')),
    by: as(z._default(z.enum(['hour', 'day']), 'hour'), {
      description: `Of the city’s time zone: ${longest.hour} days by the hour at the most, ${longest.day} by the day`,
    }),
    zone: z.exactOptional(as(slug, { description: 'This zone alone' })),
    limit: limitParameter(1000, 100),
    cursor: cursorParameter,
  }),
  headerSchema: z.object({
    accept: z.exactOptional(as(z.string(), { description: '`text/csv` for lines instead of JSON' })),
  }),
  body: noBody,
  replies: {
    200: {
      description: 'A page of figures',
      schema: pageOf(rowView),
      example: { items: [example] },
      text: { mediaType: 'text/csv', example: csvOf([example]) },
    },
  },
  problems: ['bad-cursor', 'system-not-found', 'period-not-usable'],
  async handle(
    { path: { systemId }, query: { limit, cursor, zone, by, ...period }, headers, caller },
    { figures, clock },
  ) {
    const question = { figuresOf: systemId, by, zone, ...period };
    const { to = clock.now() } = period;
    const { from = to - day } = period;
    const start = positionIn(decodeCursor(question, cursor));
    const found = await figures.of(caller, systemId, { from, to, by, ...(zone !== undefined && { zoneId: zone }) });
    const views = found.rows.slice(start, start + limit).map((row) => viewOf(row, found));
    const isMore = found.rows.length > start + limit;
    const next = isMore ? { nextCursor: encodeCursor(question, String(start + limit)) } : {};
    if (!wantsCsv(headers.accept)) return { status: 200, body: { items: views, ...next } };
    const link = {
      'content-type': 'text/csv; charset=utf-8',
      ...('nextCursor' in next && { 'x-next-cursor': next.nextCursor }),
    };
    return { status: 200, headers: link, text: csvOf(views) };
  },
});

export const fieldFigureRoutes: readonly SharingRoute[] = [getFigures];

function viewOf(
  { from, to, zoneId, tally, unmet }: FigureRow,
  { timeZone, currency }: { readonly timeZone: string; readonly currency: string },
): RowView {
  const { available = 0, reserved = 0, onTrip = 0, outOfService = 0, idle = 0, idles = 0 } = tally;
  const { trips = 0, tripTime = 0, metres = 0, gross = 0, net = 0, refunded = 0 } = tally;
  return {
    ...{ from: isoTime(from), to: isoTime(to), localFrom: localTime(timeZone, from) },
    ...(zoneId !== undefined && { zoneId }),
    ...{ availableMinutes: inMinutes(available), reservedMinutes: inMinutes(reserved) },
    ...{ onTripMinutes: inMinutes(onTrip), outOfServiceMinutes: inMinutes(outOfService) },
    ...{ trips, tripMinutes: inMinutes(tripTime), kilometres: metres / 1000 },
    ...{ gross, net, refunded, currency, unmetSearches: unmet },
    ...(idles > 0 && { meanIdleMinutes: inMinutes(idle / idles) }),
  };
}

function inMinutes(ms: number): number {
  return Math.round((100 * ms) / minute) / 100;
}

/** Every column, whether or not a line has it. */
function csvOf(rows: readonly RowView[]): string {
  const columns = rowView.shape;
  const names = Object.keys(columns);
  const lines = rows.map((row) => {
    const values = new Map<string, unknown>(Object.entries(row));
    return csvLine(names.map((name) => String(values.get(name) ?? '')));
  });
  return csvLine(names) + lines.join('');
}

function wantsCsv(accept = ''): boolean {
  return /(^|[\s,])text\/csv(\s*[;,]|\s*$)/i.test(accept);
}

function positionIn(position: string | undefined): number {
  if (position === undefined) return 0;
  if (!/^\d{1,7}$/.test(position)) throw badCursor();
  return Number(position);
}
