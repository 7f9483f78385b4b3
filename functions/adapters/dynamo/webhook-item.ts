import * as z from 'zod/mini';
import { operatorIdValue } from '#shared/sharing/id-values.ts';
import type { Delivery, DeliveryStatus } from '#shared/webhooks/delivery.ts';
import { type EventType, eventTypes, isEventType, testType } from '#shared/webhooks/event-catalogue.ts';
import type { WebhookName } from '#shared/webhooks/ports.ts';
import type { Webhook } from '#shared/webhooks/webhook.ts';
import { type DeliveryId, isDeliveryId, isWebhookId, type WebhookId } from '#shared/webhooks/webhook-id.ts';
import { brandValue } from './registry-item.ts';

/** The one author of the Webhooks table's keys. */
export const webhookKeys = {
  webhook: ({ clientId, webhookId }: WebhookName) => ({ pk: webhooksOf(clientId), sk: webhookId }),
  /** Under this an event finds who listens. */
  listener: (type: EventType, subject: string, webhookId: WebhookId) => ({
    pk: listenersOf(type, subject),
    sk: webhookId,
  }),
  /** By its status: what waits is found at once, however much was delivered. */
  delivery: (webhookId: WebhookId, status: DeliveryStatus, deliveryId: DeliveryId) => ({
    pk: deliveriesOf(webhookId, status),
    sk: deliveryId,
  }),
};

export function webhooksOf(clientId: string): string {
  return `client#${clientId}`;
}

export function listenersOf(type: EventType, subject: string): string {
  return `listen#${type}#${subject}`;
}

export function deliveriesOf(webhookId: WebhookId, status: DeliveryStatus): string {
  return `${status}#${webhookId}`;
}

export const webhookIdValue = z.custom<WebhookId>((value) => typeof value === 'string' && isWebhookId(value));
export const deliveryIdValue = z.custom<DeliveryId>((value) => typeof value === 'string' && isDeliveryId(value));
const typeValue = z.custom<EventType>((value) => typeof value === 'string' && isEventType(value));

const webhookItem: z.ZodMiniType<Webhook> = z.object({
  webhookId: webhookIdValue,
  clientId: z.string(),
  url: z.string(),
  types: z.array(typeValue),
  operatorId: z.exactOptional(operatorIdValue),
  brand: z.exactOptional(brandValue),
  description: z.exactOptional(z.string()),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('active') }),
    z.object({
      status: z.literal('disabled'),
      since: z.number(),
      reason: z.enum(['asked', 'gone', 'unreachable']),
    }),
  ]),
  secret: z.object({
    generation: z.number(),
    since: z.number(),
    operationId: z.exactOptional(z.string()),
    former: z.exactOptional(z.object({ generation: z.number(), until: z.number() })),
  }),
  health: z.object({
    failures: z.number(),
    lastFailure: z.exactOptional(z.object({ at: z.number(), reason: z.string() })),
    rest: z.exactOptional(z.object({ since: z.number(), until: z.number(), probes: z.number() })),
  }),
  createdAt: z.number(),
  version: z.number(),
});

/** As it goes through queues, too. */
export const webhookEventValue = z.object({
  eventId: z.string(),
  type: z.enum([...eventTypes, testType]),
  at: z.number(),
  data: z.record(z.string(), z.unknown()),
});

const deliveryItem: z.ZodMiniType<Delivery> = z.object({
  deliveryId: deliveryIdValue,
  webhookId: webhookIdValue,
  event: webhookEventValue,
  since: z.number(),
  attempts: z.number(),
  last: z.exactOptional(z.object({ at: z.number(), result: z.string(), status: z.exactOptional(z.number()) })),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('waiting'), nextAt: z.number() }),
    z.object({ status: z.literal('delivered'), at: z.number() }),
    z.object({
      status: z.literal('dead'),
      at: z.number(),
      reason: z.enum(['attempts-used-up', 'too-old', 'receiver-gone', 'webhook-disabled']),
    }),
  ]),
});

const listenerItem = z.object({ clientId: z.string(), webhookId: webhookIdValue });

export function webhookOf(item: unknown): Webhook {
  return webhookItem.parse(item);
}

export function deliveryOf(item: unknown): Delivery {
  return deliveryItem.parse(item);
}

export function listenerOf(item: unknown): WebhookName {
  return listenerItem.parse(item);
}
