import * as z from 'zod/mini';
import type { Scope } from '../access/scopes.ts';
import type { Instant } from '../kernel/clock.ts';

/** Whose event it is: an operator's, a brand's, or that of one client alone. */
export type Audience =
  | { readonly kind: 'operator'; readonly operatorId: string }
  | { readonly kind: 'brand'; readonly brand: string }
  | { readonly kind: 'client'; readonly clientId: string };

/** An event as partners are told of it. */
export interface WebhookEvent {
  /** The bus's own name for it: the same when it is put there twice. */
  readonly eventId: string;
  readonly type: EventType | TestType;
  /** When it happened, which may be long before it is told. */
  readonly at: Instant;
  /** JSON, of a few hundred bytes. */
  readonly data: Readonly<Record<string, unknown>>;
}

interface Entry {
  /** Where the bus has it from: source and detail type. */
  readonly source: 'fleetloom.registry' | 'fleetloom.sharing';
  readonly detailType: string;
  readonly audience: Audience['kind'];
  /** What a client needs to be told of it. */
  readonly scope: Scope;
  readonly says: string;
}

const ofVehicle = { source: 'fleetloom.registry', audience: 'brand', scope: 'read_vehicles' } as const;

/** Every event that partners can subscribe to. Data: rule, rights and description are made of it. */
export const eventCatalogue = {
  'sharing.vehicle.moved': {
    ...{ source: 'fleetloom.sharing', detailType: 'VehicleMoved', audience: 'operator', scope: 'read_sharing' },
    says: 'A shared vehicle was held, driven, parked, taken out of service …: an event of MDS 2.0',
  },
  'sharing.leg.asked': {
    ...{ source: 'fleetloom.sharing', detailType: 'LegAsked', audience: 'operator', scope: 'manage_sharing' },
    says: 'A partner’s customer wants a vehicle without a device of ours to be opened, paused, resumed or locked',
  },
  'sharing.package.changed': {
    ...{ source: 'fleetloom.sharing', detailType: 'PackageChanged', audience: 'client', scope: 'book_for_customers' },
    says: 'What a partner has booked for a customer has come to another state',
  },
  'vehicle.registered': { ...ofVehicle, detailType: 'VehicleRegistered', says: 'A vehicle is expected' },
  'vehicle.provisioned': { ...ofVehicle, detailType: 'VehicleProvisioned', says: 'A vehicle has its certificate' },
  'vehicle.activated': {
    ...ofVehicle,
    detailType: 'VehicleActivated',
    says: 'A vehicle was online for the first time',
  },
  'vehicle.suspended': { ...ofVehicle, detailType: 'VehicleSuspended', says: 'A vehicle was shut out' },
  'vehicle.reactivated': { ...ofVehicle, detailType: 'VehicleReactivated', says: 'A vehicle was let in again' },
  'vehicle.retired': { ...ofVehicle, detailType: 'VehicleRetired', says: 'A vehicle has left for good' },
  'vehicle.software-changed': {
    ...{ ...ofVehicle, detailType: 'VehicleSoftwareChanged' },
    says: 'A vehicle reported other software than before',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type EventType = keyof typeof eventCatalogue;
/** Nobody subscribes to it: it comes when it is asked for. */
export const testType = 'webhook.test';
export type TestType = typeof testType;

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventCatalogue, text);
}

export const eventTypes: readonly EventType[] = Object.keys(eventCatalogue).filter(isEventType);

const told = { eventId: z.string(), at: z.number() };
const moved = z.object({
  ...told,
  ...{ vehicleId: z.string(), systemId: z.string(), operatorId: z.string(), vehicleTypeId: z.string() },
  ...{ event: z.string(), reason: z.exactOptional(z.string()), version: z.number(), place: z.number() },
});
const changed = z.object({
  ...told,
  ...{ vehicleId: z.string(), brand: z.string(), model: z.string(), market: z.string(), status: z.string() },
  softwareVersion: z.exactOptional(z.string()),
});

const asked = z.object({
  ...told,
  ...{ operatorId: z.string(), systemId: z.string(), vehicleId: z.string(), label: z.string() },
  ...{ reservationId: z.string(), operation: z.enum(['start', 'pause', 'resume', 'end']) },
});
const packaged = z.object({
  ...told,
  ...{ clientId: z.string(), packageId: z.string(), systemId: z.string(), operatorId: z.string() },
  ...{ status: z.string(), leg: z.string(), reason: z.exactOptional(z.string()) },
});

/** What stands on the bus: EventBridge's envelope, or what is left of it. */
export interface BusMessage {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

/**
 * The event as partners are told of it, and whose it is; undefined for what partners are not told of.
 *
 * @throws ZodError for one that lacks what its kind has
 */
export function webhookEventOf(message: BusMessage): { event: WebhookEvent; audience: Audience } | undefined {
  const type = eventTypes.find((name) => {
    const { source, detailType } = eventCatalogue[name];
    return source === message.source && detailType === message['detail-type'];
  });
  if (type === undefined) return undefined;
  switch (type) {
    case 'sharing.vehicle.moved':
    case 'sharing.leg.asked': {
      const { eventId, at, ...data } = (type === 'sharing.leg.asked' ? asked : moved).parse(message.detail);
      return { event: { eventId, type, at, data }, audience: { kind: 'operator', operatorId: data.operatorId } };
    }
    case 'sharing.package.changed': {
      const { eventId, at, clientId, ...data } = packaged.parse(message.detail);
      return { event: { eventId, type, at, data }, audience: { kind: 'client', clientId } };
    }
    default: {
      const { eventId, at, ...data } = changed.parse(message.detail);
      return { event: { eventId, type, at, data }, audience: { kind: 'brand', brand: data.brand } };
    }
  }
}

/** What the receiver gets as body, the same with each attempt (Standard Webhooks, "Payload structure"). */
export function bodyOf({ type, at, data }: WebhookEvent): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: sorted(data) });
}

/** A table gives the members of a map back in an order of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
