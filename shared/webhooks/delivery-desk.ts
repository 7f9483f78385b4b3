import type { Caller } from '../access/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import { type Delivery, type DeliveryStatus, newDelivery, replayed } from './delivery.ts';
import { testType } from './event-catalogue.ts';
import type { DeliveryRepository, Reminders } from './ports.ts';
import type { Webhook } from './webhook.ts';
import { type DeliveryId, deliveryIdOf, type WebhookId } from './webhook-id.ts';
import type { WebhookService } from './webhook-service.ts';

export interface DeskPorts {
  readonly webhooks: Pick<WebhookService, 'require'>;
  readonly deliveries: DeliveryRepository;
  readonly reminders: Reminders;
  readonly digest: (text: string) => Uint8Array;
  readonly clock: Clock;
}

/** What became of the events for a webhook, and what can be done about it. */
export class DeliveryDesk {
  readonly #ports: DeskPorts;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  async list(caller: Caller, webhookId: WebhookId, status: DeliveryStatus, page: PageRequest): Promise<Page<Delivery>> {
    await this.#ports.webhooks.require(caller, webhookId);
    return this.#ports.deliveries.of(webhookId, status, page);
  }

  async require(caller: Caller, webhookId: WebhookId, deliveryId: DeliveryId): Promise<Delivery> {
    await this.#ports.webhooks.require(caller, webhookId);
    const found = await this.#ports.deliveries.load(webhookId, deliveryId);
    if (found !== undefined) return found;
    throw new Failure('not-found', 'webhook-delivery-not-found', 'There is no such delivery of this webhook.', {
      resolution: 'GET /v1/webhooks/{webhookId}/deliveries lists them; they are kept for 14 days.',
    });
  }

  /** What waits is only reminded of. A receiver that rests is waited for: a test shows that it is back. */
  async replay(caller: Caller, webhookId: WebhookId, deliveryId: DeliveryId): Promise<Delivery> {
    const webhook = await this.#activeOf(caller, webhookId);
    const { deliveries, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.require(caller, webhookId, deliveryId);
      const next = replayed(seen, clock.now());
      if (next !== seen && !(await deliveries.save(next, seen))) return undefined;
      await this.#remind(webhook, next);
      return next;
    });
  }

  /** An event that says nothing, sent at once, and to a receiver that rests as well. */
  async test(caller: Caller, webhookId: WebhookId, operationId: string, at: number): Promise<Delivery> {
    const webhook = await this.#activeOf(caller, webhookId);
    const { deliveries, digest, clock } = this.#ports;
    const deliveryId = deliveryIdOf(at, digest(`${webhookId}/${testType}/${operationId}`));
    const event = { eventId: operationId, type: testType, at, data: { webhookId } } as const;
    const fresh = newDelivery(deliveryId, webhookId, event, clock.now());
    const delivery = (await deliveries.load(webhookId, deliveryId)) ?? fresh;
    if (delivery === fresh) await deliveries.save(fresh, undefined);
    await this.#remind(webhook, delivery, true);
    return delivery;
  }

  async #activeOf(caller: Caller, webhookId: WebhookId): Promise<Webhook> {
    const webhook = await this.#ports.webhooks.require(caller, webhookId);
    if (webhook.state.status === 'active') return webhook;
    throw new Failure('conflict', 'webhook-disabled', 'The webhook is switched off.', {
      resolution: 'Switch it on with PATCH and `{"enabled": true}`.',
    });
  }

  async #remind({ clientId, webhookId }: Webhook, delivery: Delivery, isProbe = false): Promise<void> {
    if (delivery.state.status !== 'waiting') return;
    const { reminders, clock } = this.#ports;
    const { deliveryId, attempts, state } = delivery;
    const reminder = { kind: 'repeat', clientId, webhookId, deliveryId, attempts } as const;
    const now = clock.now();
    await reminders.remind({ ...reminder, ...(isProbe && { isProbe: true }) }, state.nextAt, now);
  }
}
