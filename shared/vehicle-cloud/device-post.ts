import * as z from 'zod/mini';
import { isVehicleId, type VehicleId } from '../registry/vehicle-id.ts';

/**
 * What a device cloud that is not the platform's own posts to it: `POST /v1/device-events/{home}` with
 * `{ events: DevicePost[] }`. It may come twice, late and out of order.
 */
export interface DevicePost {
  /** As the device cloud knows it, which authenticated the device; never from the payload. */
  readonly vehicleId: string;
  /** The vehicle's count of homes when it said this; 0 where the device cloud does not know. */
  readonly epoch: number;
  readonly channel: DeviceChannel;
  /** One row of events in order; a vehicle's events of an epoch come in one. */
  readonly source: string;
  /** Rises within `source`. */
  readonly sequence: number;
  /** When the device cloud had it, ms since the Unix epoch. */
  readonly at: number;
  /** The device's bytes, base64; of `presence` a {@link PostedPresence} as JSON. */
  readonly payload: string;
}

/** What vehicles say, under the names that the rules have. */
export const reportChannels = ['telemetry', 'inventory', 'replies', 'codes', 'updates', 'sharing'] as const;
export type ReportChannel = (typeof reportChannels)[number];

/** And what the device cloud says of them. */
export const deviceChannels = [...reportChannels, 'presence', 'twin', 'life-cycle'] as const;
export type DeviceChannel = (typeof deviceChannels)[number];

/** What is in the payload of a `presence`. */
export interface PostedPresence {
  readonly state: 'connected' | 'disconnected';
  /** Hexadecimal, 64 digits, upper case: of two of a vehicle the greater text is the later one. */
  readonly sequence: string;
}

/** A body is at most so long, in bytes of UTF-8 … */
export const maxPostedBytes = 256 * 1024;
/** … and holds at most so many events. */
export const maxPostedEvents = 100;

/** The same as the platform takes it. */
export type PostedEvent = DevicePost & { readonly vehicleId: VehicleId };

const vehicleId = z.custom<VehicleId>((value) => typeof value === 'string' && isVehicleId(value), 'is no vehicle id');

const postedPresenceSchema: z.ZodMiniType<PostedPresence> = z.strictObject({
  state: z.enum(['connected', 'disconnected']),
  sequence: z.string().check(z.regex(/^[0-9A-F]{64}$/)),
});

const devicePostSchema: z.ZodMiniType<PostedEvent> = z
  .strictObject({
    vehicleId,
    epoch: z.int().check(z.nonnegative()),
    channel: z.enum(deviceChannels),
    source: z.string().check(z.maxLength(128)),
    sequence: z.int().check(z.nonnegative()),
    at: z.int().check(z.nonnegative()),
    payload: z.base64(),
  })
  .check(
    z.refine(({ channel, payload }) => channel !== 'presence' || presenceIn(payload) !== undefined, {
      path: ['payload'],
      error: 'is no presence',
    }),
  );

/** Undefined where it is none. */
export function presenceIn(payload: string): PostedPresence | undefined {
  try {
    return postedPresenceSchema.safeParse(JSON.parse(atob(payload))).data;
  } catch {
    return undefined;
  }
}

export const devicePostsSchema = z.strictObject({
  events: z.array(devicePostSchema).check(z.minLength(1), z.maxLength(maxPostedEvents)),
});

/** `taken`: on its way, or of no concern. `quarantined`: kept with its reason, for somebody to look at. */
export interface PostsAnswer {
  readonly taken: number;
  readonly quarantined: number;
}

/** `POST /v1/device-admissions/{home}`: a device with a certificate of the plant wants to be this vehicle. */
export const admissionAskedSchema = z.strictObject({
  vehicleId,
  vin: z.string().check(z.maxLength(128)),
  registrationId: z.string().check(z.maxLength(128)),
  certificatePem: z.string().check(z.maxLength(16_384)),
});

/** Why not is for the platform's log alone. */
export type AdmissionAnswer =
  | { readonly admitted: true; readonly brand: string; readonly market: string; readonly epoch: number }
  | { readonly admitted: false };

export const admissionAnswerSchema: z.ZodMiniType<AdmissionAnswer> = z.discriminatedUnion('admitted', [
  z.object({ admitted: z.literal(true), brand: z.string(), market: z.string(), epoch: z.int() }),
  z.object({ admitted: z.literal(false) }),
]);
