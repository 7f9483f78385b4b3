import type { Instant } from '../kernel/clock.ts';
import {
  afterCall,
  afterProbe,
  type DeathReason,
  type Delivery,
  dead,
  isTooOld,
  newDelivery,
  probeOf,
} from './delivery.ts';
import { bodyOf } from './event-catalogue.ts';
import { healthy, isExhausted, restedEnough } from './health.ts';
import type { DeliveryRepository, FirstAttempt, Reminder, WebhookCaller, WebhookSecrets } from './ports.ts';
import { type CarePorts, ReceiverCare } from './receiver-care.ts';
import { type Mac, signatureHeaders } from './signing.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { signingGenerations, type Webhook } from './webhook.ts';

export interface SendPorts extends CarePorts {
  readonly deliveries: DeliveryRepository;
  readonly caller: WebhookCaller;
  readonly secrets: WebhookSecrets;
  readonly mac: Mac;
}

/** What was done about a message, for whoever counts. `void`: what it was about is over. */
export type Sent = 'delivered' | 'failed' | 'dead' | 'waiting' | 'void';

type Named<K extends Reminder['kind']> = Extract<Reminder, { readonly kind: K }>;

/** So many that waited are set going at once; the next page follows two seconds later. */
const drainPage = 50;
const buryPage = 25;
const unwritten = 30_000;

/** Calls receivers. Each message may come twice, late, or after what it was about is over. */
export class SendService {
  readonly #ports: SendPorts;
  readonly #care: ReceiverCare;

  constructor(ports: SendPorts) {
    this.#ports = ports;
    this.#care = new ReceiverCare(ports);
  }

  async first({ deliveryId, event, ...name }: FirstAttempt): Promise<Sent> {
    const { webhooks, deliveries, clock } = this.#ports;
    const [webhook, seen] = await Promise.all([webhooks.load(name), deliveries.load(name.webhookId, deliveryId)]);
    if (webhook === undefined) return 'void';
    const delivery = newDelivery(deliveryId, name.webhookId, event, clock.now());
    if (webhook.state.status === 'disabled') {
      // What happened before is given up as what waited is, and can be replayed; what happens now is told to nobody.
      if (seen !== undefined || event.at >= webhook.state.since) return 'void';
      const missed = dead(delivery, 'webhook-disabled', clock.now());
      return (await deliveries.save(missed, undefined)) ? 'dead' : 'void';
    }
    if (seen !== undefined) return this.#setGoing(webhook, seen);
    // Who failed lately is called by the other road, where it holds up nobody but its like.
    if (webhook.health.failures > 0) {
      await deliveries.save(delivery, undefined);
      return this.#setGoing(webhook, delivery);
    }
    return this.#try(webhook, delivery, undefined);
  }

  async reminded(reminder: Reminder, at: Instant): Promise<Sent> {
    const { webhooks, reminders, clock } = this.#ports;
    const now = clock.now();
    if (now < at) {
      await reminders.remind(reminder, at, now);
      return 'waiting';
    }
    const webhook = await webhooks.load(reminder);
    if (webhook === undefined) return 'void';
    switch (reminder.kind) {
      case 'repeat':
        return this.#repeat(webhook, reminder);
      case 'probe':
        return this.#probe(webhook, reminder);
      case 'drain':
        return this.#drain(webhook, reminder);
    }
  }

  async #repeat(webhook: Webhook, reminder: Named<'repeat'>): Promise<Sent> {
    const { deliveries, reminders, clock } = this.#ports;
    const delivery = await deliveries.load(webhook.webhookId, reminder.deliveryId);
    if (delivery?.state.status !== 'waiting' || delivery.attempts > reminder.attempts) return 'void';
    if (webhook.state.status === 'disabled') return this.#bury(delivery, 'webhook-disabled');
    if (isTooOld(delivery, clock.now())) return this.#bury(delivery, 'too-old');
    if (delivery.attempts < reminder.attempts) {
      // It was set before the attempt was written that it follows, and that is still being written, or made again: where
      // the receiver rests, when it is called again.
      const { rest } = webhook.health;
      await reminders.remind(reminder, Math.max(clock.now() + unwritten, rest?.until ?? 0), clock.now());
      return 'waiting';
    }
    if (webhook.health.rest !== undefined && !reminder.isProbe) return 'waiting';
    return this.#try(webhook, delivery, delivery);
  }

  /** One of the oldest that wait shows whether the receiver is back. */
  async #probe(webhook: Webhook, { since, probes }: Named<'probe'>): Promise<Sent> {
    const { deliveries, clock } = this.#ports;
    const { rest } = webhook.health;
    if (rest === undefined) return this.#drain(webhook, {});
    if (rest.since !== since || rest.probes !== probes) return 'void';
    if (isExhausted(webhook.health, clock.now())) {
      await this.#care.disable(webhook, 'unreachable');
      return 'dead';
    }
    for (;;) {
      const { items } = await deliveries.of(webhook.webhookId, 'waiting', { limit: buryPage, oldestFirst: true });
      const now = clock.now();
      const probe = probeOf(items.filter((one) => !isTooOld(one, now)));
      for (const one of items) if (isTooOld(one, now)) await this.#bury(one, 'too-old');
      if (probe !== undefined) return this.#tryAsProbe(webhook, probe);
      if (items.length === 0) break;
    }
    await this.#care.well(webhook, restedEnough);
    return 'waiting';
  }

  async #drain(webhook: Webhook, { after }: Pick<Named<'drain'>, 'after'>): Promise<Sent> {
    if (webhook.health.rest !== undefined) return 'void';
    const order = { limit: drainPage, oldestFirst: true, ...(after !== undefined && { from: after }) };
    const { items, next } = await this.#ports.deliveries.of(webhook.webhookId, 'waiting', order);
    for (const delivery of items) {
      if (webhook.state.status === 'disabled') await this.#bury(delivery, 'webhook-disabled');
      else await this.#remind(webhook, delivery);
    }
    if (next !== undefined) await this.#care.drain(webhook, next);
    return 'waiting';
  }

  async #bury(delivery: Delivery, reason: DeathReason): Promise<Sent> {
    const { deliveries, clock } = this.#ports;
    return (await deliveries.save(dead(delivery, reason, clock.now()), delivery)) ? 'dead' : 'void';
  }

  /** @param seen undefined: it is written for the first time, and its message comes again until it is */
  async #try(webhook: Webhook, delivery: Delivery, seen: Delivery | undefined): Promise<Sent> {
    const { deliveries, clock, draw } = this.#ports;
    const verdict = await this.#call(webhook, delivery);
    const next = afterCall(delivery, verdict, clock.now(), draw());
    // Before it is written: a message that comes again finds this attempt made, and does nothing more.
    if (seen !== undefined) await this.#remind(webhook, next);
    const saved = await deliveries.save(next, seen);
    if (verdict.kind === 'failed' && !saved) return 'void';
    await this.#note(webhook, verdict);
    if (seen === undefined) await this.#remind(webhook, next);
    return sentOf(next);
  }

  async #tryAsProbe(webhook: Webhook, delivery: Delivery): Promise<Sent> {
    const verdict = await this.#call(webhook, delivery);
    const next = afterProbe(delivery, verdict, this.#ports.clock.now());
    await this.#ports.deliveries.save(next, delivery);
    await this.#note(webhook, verdict);
    return sentOf(next);
  }

  async #note(webhook: Webhook, verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case 'delivered':
        return this.#care.well(webhook, () => healthy);
      case 'gone':
        return this.#care.disable(webhook, 'gone');
      case 'failed':
        return this.#care.failed(webhook, verdict.reason);
    }
  }

  async #call(webhook: Webhook, { deliveryId, webhookId, event }: Delivery): Promise<Verdict> {
    const { caller, secrets, mac, clock } = this.#ports;
    const now = clock.now();
    const generations = signingGenerations(webhook, now);
    const keys = await Promise.all(generations.map((generation) => secrets.secret(webhookId, generation)));
    const body = bodyOf(event);
    const headers = signatureHeaders({ id: deliveryId, at: now, body }, keys, mac);
    return verdictOf(await caller.call(webhook.url, headers, body));
  }

  /**
   * What waits for a receiver that rests is set going by the end of the rest. The webhook is looked at again, after the
   * delivery was written: a rest that ended in between has not seen it.
   */
  async #setGoing(before: Webhook, delivery: Delivery): Promise<Sent> {
    const webhook = before.health.rest === undefined ? before : await this.#ports.webhooks.load(before);
    if (webhook === undefined || webhook.health.rest !== undefined) return 'waiting';
    return this.#remind(webhook, delivery);
  }

  async #remind({ clientId, webhookId }: Webhook, { deliveryId, attempts, state }: Delivery): Promise<Sent> {
    if (state.status !== 'waiting') return 'void';
    const { reminders, clock } = this.#ports;
    const reminder = { kind: 'repeat', clientId, webhookId, deliveryId, attempts } as const;
    await reminders.remind(reminder, state.nextAt, clock.now());
    return 'waiting';
  }
}

function sentOf({ state }: Delivery): Sent {
  return state.status === 'waiting' ? 'failed' : state.status;
}
