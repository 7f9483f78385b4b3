import * as z from 'zod/mini';
import { mdsEvents, mdsStates } from '#shared/sharing/mds.ts';
import { hourOf, hourPattern } from '#shared/sharing/mobility-data/hour.ts';
import { uuidPattern } from '#shared/sharing/mobility-data/mobility-ids.ts';
import { mdsVersion } from '../mds-version.ts';
import { as } from '../schemas.ts';

/* Members as MDS 2.0 has them ("Data Types"): times are milliseconds since the Unix epoch. */

export const tag = 'Mobility data';

const uuid = (description: string) => as(z.string().check(z.regex(uuidPattern)), { description });
const time = (description: string) => as(z.int(), { description: `${description}, milliseconds since 1970 in UTC` });
const gps = as(z.object({ lat: z.number(), lng: z.number() }), { id: 'MdsPlace' });
const deviceId = uuid('The vehicle, as this city knows it; another city has another id of it');
const whose = { device_id: deviceId, provider_id: uuid('The operator') };
const percent = as(z.int().check(z.gte(0), z.lte(100)), { description: 'Percent' });
const energy = { battery_percent: z.exactOptional(percent), fuel_percent: z.exactOptional(percent) };
const tripIds = z.array(uuid('The trip'));

export const devicePath = deviceId;

export const hourParameter = (what: string) =>
  as(
    z.pipe(
      z.string().check(
        z.regex(hourPattern),
        z.refine((text) => hourOf(text) !== undefined, 'is no hour like 2026-11-22T19'),
      ),
      z.transform((text: string) => hourOf(text) ?? 0),
    ),
    {
      type: 'string',
      pattern: hourPattern.source,
      description: `The hour in UTC ${what}`,
      examples: ['2026-11-22T19'],
    },
  );

const mdsVehicle = as(
  z.object({
    ...whose,
    vehicle_id: as(z.string(), { description: 'The device id: no plate and no number on a frame is told' }),
    vehicle_type: z.string(),
    propulsion_types: z.array(z.string()),
    accessibility_attributes: z.array(z.string()),
  }),
  { id: 'MdsVehicle' },
);

const mdsEvent = as(
  z.object({
    ...whose,
    event_id: uuid('The event: the same where it is told anew'),
    vehicle_state: as(z.enum(mdsStates), { description: 'In which the vehicle is afterwards' }),
    event_types: z.array(z.enum(mdsEvents)),
    timestamp: time('When it happened'),
    publication_time: time('When it became known'),
    location: gps,
    trip_ids: z.exactOptional(tripIds),
    ...energy,
  }),
  { id: 'MdsEvent' },
);

const mdsTelemetry = as(
  z.object({
    ...whose,
    telemetry_id: uuid('The point'),
    timestamp: time('When the vehicle was there'),
    trip_ids: z.nullable(tripIds),
    journey_id: z.nullable(uuid('The use that the trip belongs to')),
    location: gps,
    ...energy,
  }),
  { id: 'MdsTelemetry' },
);

const mdsStatus = as(z.object({ ...whose, last_event: mdsEvent, last_telemetry: mdsTelemetry }), {
  id: 'MdsVehicleStatus',
});

const mdsTrip = as(
  z.object({
    ...whose,
    trip_id: uuid('The trip'),
    journey_id: uuid('The use that it belongs to'),
    trip_type: z.array(z.enum(['private'])),
    trip_attributes: z.object({ reservation_type: z.enum(['app']) }),
    start_time: time('When it began'),
    end_time: time('When it ended'),
    start_location: gps,
    end_location: gps,
    duration: as(z.int(), { description: 'Seconds' }),
    distance: as(z.int(), { description: 'Metres' }),
    publication_time: time('When its end became known'),
    fare_attributes: z.exactOptional(
      z.object({ payment_type: z.enum(['mobile_app']), fare_type: z.enum(['meter_fare']) }),
    ),
    actual_cost: z.exactOptional(as(z.int(), { description: 'In minor units of `currency`, tax included' })),
    currency: z.exactOptional(z.string()),
  }),
  { id: 'MdsTrip' },
);

const version = as(z.string(), { description: 'Of MDS' });
const latency = {
  last_updated: time('Of what this is true'),
  ttl: as(z.int(), { description: 'Milliseconds for which it is not worth asking again' }),
};
const links = as(
  z.object({
    first: as(z.string(), { format: 'uri' }),
    next: as(z.nullable(z.string()), { description: 'The next page; null: this is the last one' }),
  }),
  { id: 'MdsLinks', description: 'JSON:API, "Pagination"' },
);

export const mdsBodies = {
  vehicles: z.object({ version, ...latency, vehicles: z.array(mdsVehicle), links: z.exactOptional(links) }),
  statuses: z.object({ version, ...latency, vehicles_status: z.array(mdsStatus), links: z.exactOptional(links) }),
  recent: z.object({ version, ...latency, events: z.array(mdsEvent), links }),
  historical: z.object({ version, events: z.array(mdsEvent) }),
  trips: z.object({ version, trips: z.array(mdsTrip) }),
  notYet: z.object({ version }),
};

const city = {
  device_id: '0f2cf0a5-6b3c-5f1e-9a53-0d6f4d1c2b7a',
  provider_id: '5b1c9e2c-6f0c-5d6e-8a53-7d6f4d1c2b11',
};
const trip = 'c1f0a7d2-09d3-5a4c-b6f7-2f7c3d1e4a55';
const place = { lat: 52.5004, lng: 13.4211 };
const event = {
  ...city,
  event_id: '7d1b6b4e-2f0a-5a8e-9c55-3c1d7a9e0b42',
  ...{ vehicle_state: 'reserved', event_types: ['reservation_start'], timestamp: 1_795_374_000_000 },
  ...{ publication_time: 1_795_374_000_700, location: place, trip_ids: [trip], battery_percent: 82 },
} as const;
const vehicle = {
  ...city,
  ...{ vehicle_id: city.device_id, vehicle_type: 'bicycle', propulsion_types: ['electric_assist'] },
  accessibility_attributes: [],
};
const telemetry = {
  ...city,
  telemetry_id: '9e1c6b4e-2f0a-5a8e-8c55-3c1d7a9e0b17',
  ...{ timestamp: 1_795_374_000_000, trip_ids: [trip], journey_id: '11c0a7d2-09d3-5a4c-96f7-2f7c3d1e4a10' },
  ...{ location: place, battery_percent: 82 },
};
const first = 'https://api.example.com/v1/mds/we-share-berlin/vehicles?limit=100';
const live = { version: mdsVersion, last_updated: 1_795_374_010_000, ttl: 0 };

export const mdsExamples = {
  vehicles: { ...live, vehicles: [vehicle], links: { first, next: null } },
  statuses: { ...live, vehicles_status: [{ ...city, last_event: event, last_telemetry: telemetry }] },
  recent: { ...live, events: [event], links: { first, next: null } },
  historical: { version: mdsVersion, events: [event] },
  trips: {
    version: mdsVersion,
    trips: [
      {
        ...city,
        ...{ trip_id: trip, journey_id: telemetry.journey_id, trip_type: ['private'] },
        trip_attributes: { reservation_type: 'app' },
        ...{ start_time: 1_795_374_060_000, end_time: 1_795_374_660_000, start_location: place, end_location: place },
        ...{ duration: 600, distance: 2_140, publication_time: 1_795_374_660_900 },
        fare_attributes: { payment_type: 'mobile_app', fare_type: 'meter_fare' },
        ...{ actual_cost: 390, currency: 'EUR' },
      },
    ],
  },
  notYet: { version: mdsVersion },
};
