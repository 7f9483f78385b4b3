import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { afterFailure, type Health } from './health.ts';
import type { Reminders, WebhookRepository } from './ports.ts';
import { disabled, type Webhook } from './webhook.ts';

export interface CarePorts {
  readonly webhooks: Pick<WebhookRepository, 'load' | 'save'>;
  readonly reminders: Reminders;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly draw: () => number;
}

/** Longer than a write takes: what is called before it is written finds it written. */
const writing = 2000;

/**
 * Notes how a receiver does. What follows from a note is called before it is written: a rest that nobody ends, or one
 * whose deliveries nobody sets going, would be for ever.
 */
export class ReceiverCare {
  readonly #ports: CarePorts;

  constructor(ports: CarePorts) {
    this.#ports = ports;
  }

  async failed(webhook: Webhook, reason: string): Promise<void> {
    const { reminders, clock, draw } = this.#ports;
    await this.#change(webhook, async (present) => {
      const now = clock.now();
      const health = afterFailure(present.health, reason, now, draw());
      const { rest } = health;
      if (rest !== undefined && rest !== present.health.rest) {
        const { clientId, webhookId } = present;
        const probe = { kind: 'probe', clientId, webhookId, since: rest.since, probes: rest.probes } as const;
        await reminders.remind(probe, rest.until, now);
      }
      return { ...present, health };
    });
  }

  /** A rest that ends sets going what waited. */
  async well(webhook: Webhook, heal: (health: Health) => Health): Promise<void> {
    if (webhook.health.failures === 0) return;
    await this.#change(webhook, async (present) => {
      if (present.health.failures === 0) return present;
      if (present.health.rest !== undefined) await this.drain(present);
      return { ...present, health: heal(present.health) };
    });
  }

  async disable(webhook: Webhook, reason: 'gone' | 'unreachable'): Promise<void> {
    const { clock } = this.#ports;
    await this.#change(webhook, async (present) => {
      if (present.state.status === 'active') await this.drain(present);
      return disabled(present, reason, clock.now());
    });
  }

  async drain({ clientId, webhookId }: Webhook, after?: string): Promise<void> {
    const { reminders, clock } = this.#ports;
    const now = clock.now();
    const reminder = { kind: 'drain', clientId, webhookId, ...(after !== undefined && { after }) } as const;
    await reminders.remind(reminder, now + writing, now);
  }

  async #change(webhook: Webhook, change: (present: Webhook) => Promise<Webhook>): Promise<void> {
    const { webhooks } = this.#ports;
    let present: Webhook | undefined = webhook;
    await untilSaved(async () => {
      if (present === undefined) return true;
      const next = await change(present);
      if (next.health === present.health && next.state === present.state) return true;
      if (await webhooks.save({ ...next, version: present.version + 1 }, present)) return true;
      present = await webhooks.load(webhook);
      return undefined;
    });
  }
}
