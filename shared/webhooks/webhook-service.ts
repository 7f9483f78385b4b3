import { type Caller, requireBrand, requireScope } from '../access/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { SharingDoor } from '../sharing/setup/acting.ts';
import { hostOf, isAddress, isLoopbackAddress, isPublicAddress, type UrlRules, urlFault } from './address-rules.ts';
import { eventCatalogue } from './event-catalogue.ts';
import type { Reminders, WebhookRepository, WebhookSecrets } from './ports.ts';
import { secretText } from './signing.ts';
import { disabled, enabled, newWebhook, rotated, type Webhook, type WebhookOrder } from './webhook.ts';
import { type WebhookId, webhookIdOf } from './webhook-id.ts';

export interface WebhookPorts {
  readonly webhooks: WebhookRepository;
  readonly reminders: Reminders;
  readonly secrets: WebhookSecrets;
  readonly door: Pick<SharingDoor, 'operator'>;
  /** The addresses a name leads to now; empty where nobody knows it, or nobody answers in time. */
  readonly addresses: (host: string) => Promise<readonly string[]>;
  readonly rules: UrlRules;
  readonly clock: Clock;
}

export interface WebhookChanges extends Partial<Pick<Webhook, 'url' | 'types' | 'description'>> {
  readonly enabled?: boolean;
}

/** With its secret, where it was made just now. */
export interface WithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export const mostWebhooks = 100;

/** What machine clients do with their webhooks. Another client's does not exist for them. */
export class WebhookService {
  readonly #ports: WebhookPorts;

  constructor(ports: WebhookPorts) {
    this.#ports = ports;
  }

  async create(caller: Caller, operationId: string, order: WebhookOrder): Promise<WithSecret> {
    const { webhooks, clock } = this.#ports;
    await this.#requireRights(caller, order);
    await this.#requireUrl(order.url);
    const webhookId = webhookIdOf(operationId);
    const { clientId } = caller;
    const known = await webhooks.load({ clientId, webhookId });
    if (known !== undefined) return this.#withSecret(known);
    const { items, next } = await webhooks.of(clientId, { limit: mostWebhooks });
    if (items.length >= mostWebhooks || next !== undefined) throw tooMany();
    const webhook = newWebhook(webhookId, clientId, order, clock.now());
    await webhooks.save(webhook, undefined);
    return this.#withSecret(webhook);
  }

  async require({ clientId }: Pick<Caller, 'clientId'>, webhookId: WebhookId): Promise<Webhook> {
    const found = await this.#ports.webhooks.load({ clientId, webhookId });
    if (found !== undefined) return found;
    throw new Failure('not-found', 'webhook-not-found', 'There is no such webhook of this client.', {
      resolution: 'GET /v1/webhooks lists them.',
    });
  }

  list({ clientId }: Pick<Caller, 'clientId'>, page: PageRequest): Promise<Page<Webhook>> {
    return this.#ports.webhooks.of(clientId, page);
  }

  async change(caller: Caller, webhookId: WebhookId, { enabled: on, ...changes }: WebhookChanges): Promise<Webhook> {
    const { webhooks, clock } = this.#ports;
    if (changes.url !== undefined) await this.#requireUrl(changes.url);
    const { before, after } = await untilSaved(async () => {
      const before = await this.require(caller, webhookId);
      const changed = { ...before, ...changes };
      await this.#requireRights(caller, changed);
      const set = on === undefined ? changed : on ? enabled(changed) : disabled(changed, 'asked', clock.now());
      const after = { ...set, version: before.version + 1 };
      return (await webhooks.save(after, before)) ? { before, after } : undefined;
    });
    // What waited for the end of a rest is set going; what waits for what is switched off is buried.
    if (on !== undefined || before.health.rest !== undefined) await this.#drain(after);
    return after;
  }

  async rotate(caller: Caller, webhookId: WebhookId, operationId: string): Promise<WithSecret> {
    const { webhooks, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await this.require(caller, webhookId);
      const next = rotated(seen, operationId, clock.now());
      if (next === seen) return this.#withSecret(seen);
      const saved = await webhooks.save({ ...next, version: seen.version + 1 }, seen);
      return saved ? this.#withSecret(next) : undefined;
    });
  }

  /** @returns the webhook as it was */
  remove(caller: Caller, webhookId: WebhookId): Promise<Webhook> {
    return untilSaved(async () => {
      const seen = await this.require(caller, webhookId);
      return (await this.#ports.webhooks.remove(seen)) ? seen : undefined;
    });
  }

  async #drain({ clientId, webhookId }: Webhook): Promise<void> {
    const now = this.#ports.clock.now();
    await this.#ports.reminders.remind({ kind: 'drain', clientId, webhookId }, now, now);
  }

  async #withSecret(webhook: Webhook): Promise<WithSecret> {
    const secret = await this.#ports.secrets.secret(webhook.webhookId, webhook.secret.generation);
    return { webhook, secret: secretText(secret) };
  }

  /** A client is told of what it may read, and names whose events it wants. */
  async #requireRights(caller: Caller, { types, operatorId, brand }: WebhookOrder): Promise<void> {
    for (const type of types) {
      const { audience, scope } = eventCatalogue[type];
      requireScope(caller, scope);
      if (audience === 'operator' && operatorId === undefined) throw subjectMissing('operatorId', type);
      if (audience === 'brand' && brand === undefined) throw subjectMissing('brand', type);
    }
    if (operatorId !== undefined) await this.#ports.door.operator(caller, operatorId);
    if (brand !== undefined) requireBrand(caller, brand);
  }

  /** Looked at again with each call: names change where they lead. */
  async #requireUrl(url: string): Promise<void> {
    const { rules, addresses } = this.#ports;
    const fault = urlFault(url, rules);
    if (fault !== undefined) throw urlRefused(fault);
    const host = hostOf(new URL(url));
    if (isAddress(host)) return;
    const found = await addresses(host);
    const isRefused = (one: string) => !isPublicAddress(one) && !(rules.allowLoopback && isLoopbackAddress(one));
    if (found.some(isRefused)) throw urlRefused('leads to an address that is none of the public network');
  }
}

function urlRefused(detail: string): Failure {
  return new Failure('invalid', 'webhook-url-refused', 'Messages are not sent there.', {
    resolution: 'Name an https URL of a host in the public network, on port 443 or 8443.',
    errors: [{ pointer: '/url', detail }],
  });
}

function subjectMissing(member: 'operatorId' | 'brand', type: string): Failure {
  return new Failure('invalid', 'webhook-subject-missing', `Whose events ${type} are is not said.`, {
    resolution: `Name the ${member === 'brand' ? 'brand' : 'operator'} with \`${member}\`.`,
    errors: [{ pointer: `/${member}`, detail: 'is missing' }],
  });
}

function tooMany(): Failure {
  return new Failure('conflict', 'webhooks-too-many', `A client has ${mostWebhooks} webhooks at the most.`, {
    resolution: 'Delete one, or let one webhook hear several types.',
  });
}
