import type { Instant } from '../kernel/clock.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { Delivery, DeliveryStatus } from './delivery.ts';
import type { EventType, WebhookEvent } from './event-catalogue.ts';
import type { CallOutcome } from './verdict.ts';
import type { Webhook } from './webhook.ts';
import type { DeliveryId, WebhookId } from './webhook-id.ts';

/** Whose a webhook is, and which: under this it is found. */
export type WebhookName = Pick<Webhook, 'clientId' | 'webhookId'>;

export interface WebhookRepository {
  load(name: WebhookName): Promise<Webhook | undefined>;
  of(clientId: string, page: PageRequest): Promise<Page<Webhook>>;
  /**
   * With the lines under which events find it.
   *
   * @param seen what was loaded; undefined where there was nothing
   * @returns false when somebody else was faster
   */
  save(webhook: Webhook, seen: Webhook | undefined): Promise<boolean>;
  /** @returns false when it has changed since, or is gone */
  remove(seen: Webhook): Promise<boolean>;
  /** Who listens to events of this type and subject. */
  listeners(type: EventType, subject: string, page: PageRequest): Promise<Page<WebhookName>>;
}

export interface DeliveryRepository {
  /** Whichever status it has. */
  load(webhookId: WebhookId, deliveryId: DeliveryId): Promise<Delivery | undefined>;
  of(webhookId: WebhookId, status: DeliveryStatus, order: PageOrder): Promise<Page<Delivery>>;
  /**
   * @param seen what was loaded; undefined where there was nothing
   * @returns false when somebody else was faster
   */
  save(delivery: Delivery, seen: Delivery | undefined): Promise<boolean>;
}

export interface PageOrder extends PageRequest {
  /** By the time of the event; the newest first unless it says so. */
  readonly oldestFirst?: boolean;
}

/** The first attempt of a delivery, which is written down only when it is known what came of it. */
export interface FirstAttempt extends WebhookName {
  readonly deliveryId: DeliveryId;
  readonly event: WebhookEvent;
}

/** What is to be done at a time, or looked at whether it still is. */
export type Reminder = WebhookName &
  (
    | {
        readonly kind: 'repeat';
        readonly deliveryId: DeliveryId;
        /** Made before; a reminder of an earlier one is void. */
        readonly attempts: number;
        /** Goes out even to a receiver that rests. */
        readonly isProbe?: true;
      }
    | { readonly kind: 'probe'; readonly since: Instant; readonly probes: number }
    /** Sets everything going that waited, or buries it where the webhook is disabled: from the oldest, or after that one. */
    | { readonly kind: 'drain'; readonly after?: string }
  );

/** First attempts and everything else go by different roads: who fails holds nobody up. */
export interface FirstAttempts {
  make(attempts: readonly FirstAttempt[]): Promise<void>;
}

export interface Reminders {
  /** @param at may be far ahead: a reminder that comes early is set again */
  remind(reminder: Reminder, at: Instant, now: Instant): Promise<void>;
}

export interface WebhookCaller {
  /** POSTs and follows nothing. Never throws: what went wrong is the outcome. */
  call(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<CallOutcome>;
}

/** Secrets are made of what the key service keeps and of their number: no table holds them. */
export interface WebhookSecrets {
  /** 32 bytes, always the same. */
  secret(webhookId: WebhookId, generation: number): Promise<Uint8Array>;
}
