import type { Instant } from '../kernel/clock.ts';
import type { Brand } from '../registry/brand.ts';
import type { OperatorId } from '../sharing/sharing-id.ts';
import { type EventType, eventCatalogue } from './event-catalogue.ts';
import { type Health, healthy } from './health.ts';
import type { WebhookId } from './webhook-id.ts';

/** Where a client wants to be told of what. */
export interface Webhook {
  readonly webhookId: WebhookId;
  /** The machine client whose it is. */
  readonly clientId: string;
  readonly url: string;
  readonly types: readonly EventType[];
  /** Whose `sharing.…` events: there where there are such types. */
  readonly operatorId?: OperatorId;
  /** Whose `vehicle.…` events: there where there are such types. */
  readonly brand?: Brand;
  readonly description?: string;
  readonly state: WebhookState;
  readonly secret: SecretState;
  readonly health: Health;
  readonly createdAt: Instant;
  /** Counts the writes. */
  readonly version: number;
}

export type WebhookState =
  | { readonly status: 'active' }
  /** `asked`: by its client; `gone`: the receiver answered 410; `unreachable`: it has failed for days. */
  | { readonly status: 'disabled'; readonly since: Instant; readonly reason: 'asked' | 'gone' | 'unreachable' };

/** Secrets are not kept: each is made again of its number (`Secrets`). */
export interface SecretState {
  readonly generation: number;
  readonly since: Instant;
  /** What made it, where it was no creation: carried out again, it makes no other. */
  readonly operationId?: string;
  /** The one before, which signs as well until then. */
  readonly former?: { readonly generation: number; readonly until: Instant };
}

/** So long messages are signed with the former secret, too. */
export const secretOverlap = 24 * 3_600_000;

export type WebhookOrder = Pick<Webhook, 'url' | 'types' | 'operatorId' | 'brand' | 'description'>;

export function newWebhook(webhookId: WebhookId, clientId: string, order: WebhookOrder, now: Instant): Webhook {
  return {
    ...{ webhookId, clientId, ...order, state: { status: 'active' }, secret: { generation: 1, since: now } },
    ...{ health: healthy, createdAt: now, version: 1 },
  };
}

/**
 * With a secret of its own from now on; a rotation within a day of the last one ends what was the former. One that broke
 * off and is carried out again is the same: otherwise the secret that the receiver has would sign no more.
 */
export function rotated(webhook: Webhook, operationId: string, now: Instant): Webhook {
  const { secret } = webhook;
  if (secret.operationId === operationId) return webhook;
  const { generation } = secret;
  const former = { generation, until: now + secretOverlap };
  return { ...webhook, secret: { generation: generation + 1, since: now, operationId, former } };
}

/** With which secrets a message is signed now, the newest first. */
export function signingGenerations({ secret: { generation, former } }: Webhook, now: Instant): readonly number[] {
  return former !== undefined && now < former.until ? [generation, former.generation] : [generation];
}

export function disabled(webhook: Webhook, reason: 'asked' | 'gone' | 'unreachable', now: Instant): Webhook {
  if (webhook.state.status === 'disabled') return webhook;
  return { ...webhook, state: { status: 'disabled', since: now, reason }, health: healthy };
}

/** Whatever went wrong before is forgotten: somebody says that it is mended. */
export function enabled(webhook: Webhook): Webhook {
  return { ...webhook, state: { status: 'active' }, health: healthy };
}

/** What it listens to while it is active: lines under which an event finds it. */
export function listensTo(webhook: Webhook): readonly { readonly type: EventType; readonly subject: string }[] {
  if (webhook.state.status === 'disabled') return [];
  return webhook.types.flatMap((type) => {
    const subject = subjectIn(webhook, type);
    return subject === undefined ? [] : [{ type, subject }];
  });
}

/** What is of one client alone is that of whoever listens. */
function subjectIn({ operatorId, brand, clientId }: Webhook, type: EventType): string | undefined {
  switch (eventCatalogue[type].audience) {
    case 'operator':
      return operatorId;
    case 'brand':
      return brand;
    case 'client':
      return clientId;
  }
}
