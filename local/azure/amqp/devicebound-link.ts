import type { EventContext, Message } from 'rhea';
import { z } from 'zod';
import type { DeviceboundWish } from '#local/azure/hub/devicebound-message.ts';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import { HubError, type HubErrorCode, isHubErrorCode } from '#local/azure/hub/hub-error.ts';
import type { Tokens } from './tokens.ts';

/** Names of AMQP for the hub's own, as the SDK maps them back. */
const conditions: Partial<Record<HubErrorCode, string>> = {
  DeviceNotFound: 'amqp:not-found',
  DeviceMaximumQueueDepthExceeded: 'amqp:resource-limit-exceeded',
  MessageTooLarge: 'amqp:link:message-size-exceeded',
  IotHubUnauthorizedAccess: 'amqp:unauthorized-access',
  ArgumentInvalid: 'com.microsoft:argument-error',
  ThrottlingException: 'com.microsoft:device-container-throttled',
  IotHubQuotaExceeded: 'com.microsoft:quota-exceeded',
  ServiceUnavailable: 'com.microsoft:timeout',
};

const id = z.union([z.string(), z.instanceof(Buffer)]).nullish();
const messageSchema = z.object({
  to: z.string(),
  message_id: id,
  correlation_id: id,
  content_type: z.string().nullish(),
  content_encoding: z.string().nullish(),
  absolute_expiry_time: z.union([z.date(), z.number()]).nullish(),
  application_properties: z.record(z.string(), z.unknown()).nullish(),
  body: z.unknown(),
});
const ackSchema = z.enum(['none', 'positive', 'negative', 'full']).optional();

/** Services' messages to devices. */
export class DeviceboundLink {
  readonly #hub: LocalIotHub;
  readonly #tokens: Tokens;

  constructor(hub: LocalIotHub, tokens: Tokens) {
    this.#hub = hub;
    this.#tokens = tokens;
  }

  /** Accepts the message when it is queued, or rejects it with the reason. */
  async take({ message, delivery, connection }: EventContext): Promise<void> {
    try {
      if (!(await this.#tokens.allow())) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized');
      const wish = wishOf(message);
      const fate = await this.#hub.faults.at('hub', `sendMessage/${wish.deviceId}`);
      if (fate.kind === 'drop' || fate.kind === 'hang') return;
      if (fate.kind === 'cut' && fate.when === 'before') return connection.close();
      if (fate.kind === 'fail') throw injected(fate.error);
      this.#hub.admit('devicebound');
      this.#hub.devicebound.enqueue(wish);
      if (fate.kind === 'duplicate') this.#hub.devicebound.enqueue(wish);
      if (fate.kind === 'cut') connection.close();
      else delivery?.accept();
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      delivery?.reject({ condition: conditions[error.code] ?? 'amqp:internal-error', description: error.message });
    }
  }
}

function injected({ name, message }: Error): HubError {
  return new HubError(isHubErrorCode(name) ? name : 'ServiceUnavailable', message);
}

function wishOf(message: Message | undefined): DeviceboundWish {
  const parsed = messageSchema.safeParse(message);
  const deviceId = deviceOf(parsed.data?.to ?? '');
  const { 'iothub-ack': ack, ...properties } = parsed.data?.application_properties ?? {};
  const wantedAck = ackSchema.safeParse(ack);
  const body = bytesOf(parsed.data?.body);
  if (!parsed.success || deviceId === undefined || !wantedAck.success || body === undefined) {
    throw new HubError('ArgumentInvalid', 'The message is not understood.');
  }
  const { message_id, correlation_id, absolute_expiry_time, content_type, content_encoding } = parsed.data;
  return {
    deviceId,
    body,
    messageId: textOf(message_id),
    correlationId: textOf(correlation_id),
    expiresAt: absolute_expiry_time ? Number(absolute_expiry_time) : undefined,
    ack: wantedAck.data,
    contentType: content_type ?? undefined,
    contentEncoding: content_encoding ?? undefined,
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, String(value)])),
  };
}

/** `/devices/<id>/messages/devicebound` */
function deviceOf(to: string): string | undefined {
  const [, device] = /^\/devices\/([^/]+)\/messages\/devicebound$/i.exec(to) ?? [];
  try {
    return device === undefined ? undefined : decodeURIComponent(device);
  } catch {
    return undefined;
  }
}

/** A data section, or a value that is text. */
function bytesOf(body: unknown): Buffer | undefined {
  const content: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'content') : body;
  if (content === undefined || content === null) return Buffer.alloc(0);
  if (Array.isArray(content) && content.every((part) => Buffer.isBuffer(part))) return Buffer.concat(content);
  return Buffer.isBuffer(content) || typeof content === 'string' ? Buffer.from(content) : undefined;
}

/** UUIDs travel as 16 bytes. */
function textOf(value: string | Buffer | null | undefined): string | undefined {
  if (typeof value === 'string' || value === null || value === undefined) return value ?? undefined;
  return value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
