import { base32, sortableInstant } from '../kernel/base32.ts';
import type { Instant } from '../kernel/clock.ts';

/** Opaque: who knows it learns neither the client nor its receiver. */
export type WebhookId = string & { readonly webhookId: unique symbol };
/** One event for one webhook, the same with each attempt: what receivers know as `webhook-id`. Sorts by the event's time. */
export type DeliveryId = string & { readonly deliveryId: unique symbol };

export const webhookIdPattern = /^whk-[a-z2-7]{20}$/;
export const deliveryIdPattern = /^dlv-[0-9a-v]{9}[a-z2-7]{20}$/;

export function isWebhookId(text: string): text is WebhookId {
  return webhookIdPattern.test(text);
}

export function isDeliveryId(text: string): text is DeliveryId {
  return deliveryIdPattern.test(text);
}

/** @param operationId 20 base32 characters: an operation that is carried out again names the same webhook */
export function webhookIdOf(operationId: string): WebhookId {
  const id = `whk-${operationId}`;
  if (!isWebhookId(id)) throw new RangeError('An operation id is 20 base32 characters');
  return id;
}

/**
 * An event that comes twice names the same delivery.
 *
 * @param digest of webhook and event, 13 bytes at least
 */
export function deliveryIdOf(at: Instant, digest: Uint8Array): DeliveryId {
  const id = `dlv-${sortableInstant(at)}${base32(digest, 20)}`;
  if (!isDeliveryId(id)) throw new RangeError('not an instant of this millennium');
  return id;
}
