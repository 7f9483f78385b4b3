import { z } from 'zod';
import { mdsEvents, mdsStates } from '#shared/sharing/mds.ts';

/*
 * What MDS 2.0 asks for, written down anew from its data types and schemas: members that it requires are required, others
 * are refused, and so is a value that it does not have.
 */
const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const time = z.int().min(1_500_000_000_000);
const percent = z.int().min(0).max(100);
const gps = z.strictObject({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) });
const whose = { device_id: uuid, provider_id: uuid };
const energy = { battery_percent: percent.optional(), fuel_percent: percent.optional() };
const version = z.string().regex(/^2\.(\d|[1-9]\d+)\.(\d|[1-9]\d+)$/);
const link = z.url().nullable().optional();
const links = z.strictObject({ first: link, last: link, prev: link, next: z.url().nullable() });
const latency = { last_updated: time, ttl: z.int().min(0).max(300_000) };

/** MDS 2.0, car-share, "Trip ID Requirements". */
const needsTrip = new Set([
  ...['reservation_start', 'reservation_stop', 'trip_start', 'trip_resume', 'trip_stop', 'trip_end'],
  ...['customer_cancellation', 'provider_cancellation', 'driver_cancellation'],
]);

export const mdsEvent = z
  .strictObject({
    ...whose,
    event_id: uuid,
    vehicle_state: z.enum(mdsStates),
    event_types: z.array(z.enum(mdsEvents)).min(1),
    timestamp: time,
    publication_time: time.optional(),
    location: gps,
    trip_ids: z.array(uuid).min(1).optional(),
    ...energy,
  })
  .refine(({ event_types, trip_ids }) => !event_types.some((type) => needsTrip.has(type)) || trip_ids !== undefined);

const telemetry = z.strictObject({
  ...whose,
  telemetry_id: uuid,
  timestamp: time,
  trip_ids: z.array(uuid).nullable(),
  journey_id: uuid.nullable(),
  location: gps,
  ...energy,
});

export const mdsStatus = z.strictObject({ ...whose, last_event: mdsEvent, last_telemetry: telemetry });

const propulsions = [
  ...(['human', 'electric_assist', 'electric', 'combustion', 'combustion_diesel', 'hybrid'] as const),
  ...(['hydrogen_fuel_cell', 'plug_in_hybrid'] as const),
] as const;
const types = [
  ...(['bicycle', 'bus', 'cargo_bicycle', 'car', 'delivery_robot', 'moped', 'motorcycle'] as const),
  ...(['scooter_standing', 'scooter_seated', 'truck', 'other'] as const),
] as const;

export const mdsVehicle = z.strictObject({
  ...whose,
  vehicle_id: z.string().max(255),
  vehicle_type: z.enum(types),
  propulsion_types: z.array(z.enum(propulsions)).min(1),
  accessibility_attributes: z.array(z.literal('wheelchair_accessible')),
});

export const mdsTrip = z.strictObject({
  ...whose,
  trip_id: uuid,
  journey_id: uuid.optional(),
  trip_type: z.array(z.enum(['private', 'reservation', 'empty'])).length(1),
  trip_attributes: z.strictObject({ reservation_type: z.enum(['phone_dispatch', 'phone', 'text', 'app']) }).optional(),
  start_time: time,
  end_time: time,
  start_location: gps,
  end_location: gps,
  duration: z.int().min(0),
  distance: z.int().min(0),
  publication_time: time.optional(),
  fare_attributes: z
    .strictObject({
      payment_type: z.enum(['account_number', 'cash', 'credit_card', 'mobile_app', 'no payment', 'phone', 'voucher']),
      fare_type: z.enum(['meter_fare', 'upfront_pricing', 'flat_rate']),
    })
    .optional(),
  actual_cost: z.int().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
});

export const mdsPayloads = {
  vehicles: z.strictObject({ version, ...latency, vehicles: z.array(mdsVehicle), links: links.optional() }),
  statuses: z.strictObject({ version, ...latency, vehicles_status: z.array(mdsStatus), links: links.optional() }),
  recent: z.strictObject({ version, ...latency, events: z.array(mdsEvent), links }),
  historical: z.strictObject({ version, events: z.array(mdsEvent) }),
  trips: z.strictObject({ version, trips: z.array(mdsTrip) }),
};
