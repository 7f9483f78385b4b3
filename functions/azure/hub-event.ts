import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import {
  type DeviceChannel,
  type DevicePost,
  maxPostedBytes,
  type PostedPresence,
  reportChannels,
} from '#shared/vehicle-cloud/device-post.ts';

/** An event of the hub's built-in endpoint, as Event Hubs hands it over. */
export interface HubEvent {
  readonly partition: string;
  readonly sequence: number;
  /** ms since the Unix epoch. */
  readonly enqueuedAt: number;
  /** Set by the device, the hub (`opType` …) or by message enrichment (`homeEpoch`). */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Set by the hub alone: whatever a device says, it cannot say this. */
  readonly systemProperties: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

export type ReadEvent =
  | { readonly kind: 'post'; readonly post: DevicePost }
  /** Of nothing that concerns a vehicle. */
  | { readonly kind: 'ignored' }
  /** The platform could do nothing with it either. */
  | { readonly kind: 'poison'; readonly reason: string };

/** Azure IoT Hub, "IoT Hub message routing": `iothub-message-source`. */
export function readHubEvent(event: HubEvent): ReadEvent {
  const { properties, systemProperties: system } = event;
  switch (textOf(system['iothub-message-source'])?.toLowerCase()) {
    case 'telemetry':
      return said(event);
    case 'devicelifecycleevents':
      return noticed(event, 'life-cycle', event.body);
    case 'twinchangeevents':
      return noticed(event, 'twin', event.body);
    case 'deviceconnectionstateevents':
      // The same source tells of edge modules' lines.
      return properties['moduleId'] === undefined ? connected(event) : { kind: 'ignored' };
    default:
      return { kind: 'ignored' };
  }
}

/** Device to cloud: the channel is the device's word, who it is the hub's. */
function said(event: HubEvent): ReadEvent {
  const vehicleId = textOf(event.systemProperties['iothub-connection-device-id']);
  // Operators' tools and edge modules are devices too.
  if (vehicleId === undefined || !isVehicleId(vehicleId)) return { kind: 'ignored' };
  if (event.systemProperties['iothub-connection-module-id'] !== undefined) return { kind: 'ignored' };
  const channel = reportChannels.find((name) => name === event.properties['channel']);
  if (channel === undefined) return { kind: 'poison', reason: 'no channel that the platform has' };
  return posted(event, { vehicleId, channel, at: event.enqueuedAt, body: event.body });
}

/** What the hub says of a device names it in a property, which no device can set on such an event. */
function noticed(event: HubEvent, channel: DeviceChannel, body: Uint8Array): ReadEvent {
  const vehicleId = textOf(event.properties['deviceId']);
  if (vehicleId === undefined || !isVehicleId(vehicleId)) return { kind: 'ignored' };
  const happened = Date.parse(textOf(event.properties['operationTimestamp']) ?? '');
  const at = Number.isSafeInteger(happened) && happened >= 0 ? happened : event.enqueuedAt;
  return posted(event, { vehicleId, channel, at, body });
}

const states = { deviceconnected: 'connected', devicedisconnected: 'disconnected' } as const;

function connected(event: HubEvent): ReadEvent {
  const operation = textOf(event.properties['opType'])?.toLowerCase();
  const state = operation === 'deviceconnected' || operation === 'devicedisconnected' ? states[operation] : undefined;
  const sequence = connectionSequence(event.body);
  if (state === undefined || sequence === undefined) {
    return { kind: 'poison', reason: 'a connection state without an operation or a sequence number' };
  }
  const presence: PostedPresence = { state, sequence };
  return noticed(event, 'presence', Buffer.from(JSON.stringify(presence)));
}

/** "The sequenceNumber is a hexadecimal string; use string compare" (Device connection state events). */
function connectionSequence(body: Uint8Array): string | undefined {
  const said = textOf(memberOf(jsonOf(body), 'sequenceNumber'));
  // Filled up, so that a text compares as the number that it stands for.
  return said !== undefined && /^[0-9a-fA-F]{1,64}$/.test(said) ? said.toUpperCase().padStart(64, '0') : undefined;
}

interface Said {
  readonly vehicleId: string;
  readonly channel: DeviceChannel;
  readonly at: number;
  readonly body: Uint8Array;
}

function posted(event: HubEvent, { body, ...said }: Said): ReadEvent {
  const { partition: source, sequence, properties } = event;
  const payload = Buffer.from(body).toString('base64');
  const post = { ...said, epoch: epochIn(properties), source, sequence, payload };
  if (postBytes(post) > maxPostedBytes) return { kind: 'poison', reason: 'too large to be posted' };
  return { kind: 'post', post };
}

/** Of a body that holds this one event. */
function postBytes(post: DevicePost): number {
  return Buffer.byteLength(JSON.stringify({ events: [post] }));
}

/**
 * An enrichment whose twin path leads nowhere comes as the path itself ("Message enrichments", limitations). Such a
 * vehicle was never moved, or the hub did not know of it yet.
 */
function epochIn(properties: HubEvent['properties']): number {
  const said = Number(properties['homeEpoch']);
  return Number.isSafeInteger(said) && said >= 0 ? said : 0;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
