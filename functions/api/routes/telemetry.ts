import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import { signal } from '#shared/telemetry/catalogue.ts';
import type { Bucket, Place, PlacedReading } from '#shared/telemetry/history.ts';
import type { HistoryPage } from '#shared/telemetry/telemetry-service.ts';
import { badCursor, decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders } from '../route.ts';
import {
  as,
  cursorParameter,
  instant,
  instantParameter,
  integerParameter,
  isoTime,
  limitParameter,
  vehicleIdText,
} from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Telemetry';
const onePath = z.object({ vehicleId: vehicleIdText });
const value = as(z.union([z.number(), z.boolean(), z.string()]), { description: 'In the unit of VSS 6' });

const signalPath = as(z.string().check(z.refine((path) => signal(path) !== undefined, 'is no signal of VSS 6')), {
  description: 'Path of a signal in VSS 6',
  pattern: '^Vehicle(\\.[A-Za-z0-9]+)+$',
  examples: ['Vehicle.Speed'],
});

const signalList = as(
  z.pipe(
    z.string().check(
      z.maxLength(8000),
      z.refine(
        (list) => list.split(',').every((path) => signal(path) !== undefined),
        'names a signal that VSS 6 does not have',
      ),
    ),
    z.transform((list: string) => [...new Set(list.split(','))]),
  ),
  {
    ...{ type: 'string', maxLength: 8000, description: 'Paths of signals in VSS 6, separated by commas' },
    examples: ['Vehicle.Speed,Vehicle.TraveledDistance'],
  },
);

const lastKnownSchema = as(
  z.object({
    signals: z.record(z.string(), z.object({ value, unit: z.exactOptional(z.string()), time: instant() })),
  }),
  { id: 'LastKnown' },
);

const getLastKnown = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/telemetry', operationId: 'getLastKnown', tag },
  summary: 'The last known value of each signal',
  description:
    'Location needs `read_location`, the traction battery `read_battery`, distances `read_odometer`. Without the scope such signals are left out, or refused where they are named.',
  scopes: ['read_telemetry'],
  pathSchema: onePath,
  querySchema: z.strictObject({ signals: z.exactOptional(signalList) }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'Signals that the vehicle has reported, by path',
      schema: lastKnownSchema,
      example: { signals: { 'Vehicle.Speed': { value: 48.6, unit: 'km/h', time: '2026-11-21T08:30:00.250Z' } } },
    },
  },
  problems: ['vehicle-not-found'],
  async handle({ path, query, caller }, services) {
    const readings = await services.telemetry.lastKnown(caller, path.vehicleId, query.signals);
    const entries = [...readings].map(([name, reading]) => [
      name,
      { value: reading.value, ...unitOf(name), time: isoTime(reading.time) },
    ]);
    return { status: 200, body: { signals: Object.fromEntries(entries) } };
  },
});

const bucketSchema = z.object({
  start: instant(),
  count: z.int(),
  last: value,
  min: z.exactOptional(z.number()),
  max: z.exactOptional(z.number()),
  mean: z.exactOptional(z.number()),
});

const historySchema = as(
  z.object({
    signal: z.string(),
    unit: z.exactOptional(z.string()),
    readings: z.exactOptional(z.array(z.object({ time: instant(), value }))),
    buckets: z.exactOptional(
      as(z.array(bucketSchema), { description: 'With `resolution`; empty buckets are left out' }),
    ),
    nextCursor: z.exactOptional(z.string()),
  }),
  { id: 'History' },
);

const getHistory = route({
  ...{ method: 'GET', path: '/v1/vehicles/{vehicleId}/telemetry/history', operationId: 'getHistory', tag },
  summary: 'The history of a signal, as it was reported or in buckets',
  scopes: ['read_telemetry'],
  pathSchema: onePath,
  querySchema: z.strictObject({
    signal: signalPath,
    from: instantParameter('The first instant'),
    to: z.exactOptional(
      instantParameter('The first instant that is not asked for any more; now, where it is not given'),
    ),
    resolution: z.exactOptional(as(integerParameter(1, 86_400), { description: 'Length of a bucket in seconds' })),
    limit: limitParameter(1000, 100),
    cursor: cursorParameter,
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description:
        'Readings from `from` (with it) to `to` (without it; now, where it is not given), the earliest first',
      schema: historySchema,
      example: {
        signal: 'Vehicle.Speed',
        unit: 'km/h',
        buckets: [{ start: '2026-11-21T08:30:00.000Z', count: 58, last: 48.6, min: 0, max: 51.2, mean: 37.9 }],
      },
    },
  },
  problems: ['vehicle-not-found', 'empty-range', 'bad-cursor'],
  async handle({ path: { vehicleId }, query: { limit, cursor, ...query }, caller }, services) {
    const { signal: name, from, resolution } = query;
    const { to, after } = rangeOf(decodeCursor({ vehicleId, ...query }, cursor), query.to ?? services.clock.now());
    if (from >= to) throw emptyRange();
    const asked = { path: name, from, to, limit, ...(after !== undefined && { after }) };
    const head = { signal: name, ...unitOf(name) };
    const next = (page: HistoryPage<unknown>) =>
      page.next === undefined ? {} : { nextCursor: encodeCursor({ vehicleId, ...query }, positionOf(page.next, to)) };
    if (resolution === undefined) {
      const page = await services.telemetry.readings(caller, vehicleId, asked);
      return { status: 200, body: { ...head, readings: page.items.map(readingView), ...next(page) } };
    }
    const page = await services.telemetry.buckets(caller, vehicleId, asked, resolution * 1000);
    return { status: 200, body: { ...head, buckets: page.items.map(bucketView), ...next(page) } };
  },
});

export const telemetryRoutes: readonly VehicleRoute[] = [getLastKnown, getHistory];

const latestInstant = Date.parse('2200-01-01T00:00:00Z');

/** `to` goes along, so that an open end stays where it was on the first page. */
const positionSchema = z.tuple([z.int(), z.int(), z.int()]);

function positionOf({ time, sequence }: Place, to: number): string {
  return JSON.stringify([time, sequence, to]);
}

function rangeOf(position: string | undefined, to: number): { readonly to: number; readonly after?: Place } {
  if (position === undefined) return { to };
  const parsed = positionSchema.safeParse(jsonOf(position));
  if (!parsed.success) throw badCursor();
  const [time, sequence, end] = parsed.data;
  if (time < 0 || time > end || end > latestInstant) throw badCursor();
  return { to: end, after: { time, sequence } };
}

function jsonOf(position: string): unknown {
  try {
    return JSON.parse(position);
  } catch {
    return undefined;
  }
}

function emptyRange(): Failure {
  const errors = [{ pointer: 'from', detail: 'is not before `to`' }];
  return new Failure('invalid', 'empty-range', 'The range of time is empty.', { errors });
}

function unitOf(path: string): { unit?: string } {
  const unit = signal(path)?.unit;
  return unit === undefined ? {} : { unit };
}

function readingView({ time, value: reading }: PlacedReading) {
  return { time: isoTime(time), value: reading };
}

function bucketView({ start, ...figures }: Bucket) {
  return { start: isoTime(start), ...figures };
}
