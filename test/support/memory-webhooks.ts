import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Delivery, DeliveryStatus } from '#shared/webhooks/delivery.ts';
import type { EventType } from '#shared/webhooks/event-catalogue.ts';
import type { DeliveryRepository, PageOrder, WebhookName, WebhookRepository } from '#shared/webhooks/ports.ts';
import { listensTo, type Webhook } from '#shared/webhooks/webhook.ts';
import type { DeliveryId, WebhookId } from '#shared/webhooks/webhook-id.ts';

/** In memory, under the same contract as the tables. */
export class MemoryWebhooks implements WebhookRepository {
  readonly #webhooks = new Map<string, Webhook>();

  async load({ clientId, webhookId }: WebhookName): Promise<Webhook | undefined> {
    const found = this.#webhooks.get(webhookId);
    return found?.clientId === clientId ? found : undefined;
  }

  async of(clientId: string, page: PageRequest): Promise<Page<Webhook>> {
    const own = [...this.#webhooks.values()].filter((one) => one.clientId === clientId);
    return pageOf(own, ({ webhookId }) => webhookId, page);
  }

  async save(webhook: Webhook, seen: Webhook | undefined): Promise<boolean> {
    if (this.#webhooks.get(webhook.webhookId)?.version !== seen?.version) return false;
    this.#webhooks.set(webhook.webhookId, webhook);
    return true;
  }

  async remove(seen: Webhook): Promise<boolean> {
    if (this.#webhooks.get(seen.webhookId)?.version !== seen.version) return false;
    return this.#webhooks.delete(seen.webhookId);
  }

  async listeners(type: EventType, subject: string, page: PageRequest): Promise<Page<WebhookName>> {
    const all = [...this.#webhooks.values()].filter((one) =>
      listensTo(one).some((line) => line.type === type && line.subject === subject),
    );
    const names = all.map(({ clientId, webhookId }) => ({ clientId, webhookId }));
    return pageOf(names, ({ webhookId }) => webhookId, page);
  }
}

export class MemoryDeliveries implements DeliveryRepository {
  readonly #deliveries = new Map<string, Delivery>();

  async load(webhookId: WebhookId, deliveryId: DeliveryId): Promise<Delivery | undefined> {
    return this.#deliveries.get(`${webhookId}/${deliveryId}`);
  }

  async of(webhookId: WebhookId, status: DeliveryStatus, order: PageOrder): Promise<Page<Delivery>> {
    const own = [...this.#deliveries.values()].filter(
      (one) => one.webhookId === webhookId && one.state.status === status,
    );
    return pageOf(own, ({ deliveryId }) => deliveryId, order, order.oldestFirst ?? false);
  }

  async save(delivery: Delivery, seen: Delivery | undefined): Promise<boolean> {
    const key = `${delivery.webhookId}/${delivery.deliveryId}`;
    const present = this.#deliveries.get(key);
    const isSeen =
      seen === undefined
        ? present === undefined
        : present?.attempts === seen.attempts &&
          present.since === seen.since &&
          present.state.status === seen.state.status;
    if (isSeen) this.#deliveries.set(key, delivery);
    return isSeen;
  }

  all(): readonly Delivery[] {
    return [...this.#deliveries.values()];
  }
}

function pageOf<T>(all: readonly T[], key: (one: T) => string, { limit, from }: PageRequest, oldestFirst = true) {
  const sorted = all.toSorted((one, other) => (key(one) < key(other) === oldestFirst ? -1 : 1));
  const start =
    from === undefined ? 0 : sorted.findIndex((one) => key(one) > from === oldestFirst && key(one) !== from);
  const items = start < 0 ? [] : sorted.slice(start, start + limit);
  const last = items.at(-1);
  return items.length === limit && last !== undefined ? { items, next: key(last) } : { items };
}
