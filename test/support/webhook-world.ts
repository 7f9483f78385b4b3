import { createHash, createHmac } from 'node:crypto';
import { isBrand } from '#shared/registry/brand.ts';
import type { BusMessage } from '#shared/webhooks/event-catalogue.ts';
import type { FirstAttempt, Reminder } from '#shared/webhooks/ports.ts';
import { SendService } from '#shared/webhooks/send-service.ts';
import { SpreadService } from '#shared/webhooks/spread-service.ts';
import type { CallOutcome } from '#shared/webhooks/verdict.ts';
import { newWebhook, type Webhook } from '#shared/webhooks/webhook.ts';
import { webhookIdOf } from '#shared/webhooks/webhook-id.ts';
import { MemoryDeliveries, MemoryWebhooks } from './memory-webhooks.ts';

type Message = { readonly first: FirstAttempt } | { readonly reminder: Reminder; readonly at: number };

interface Queued {
  readonly message: Message;
  readonly due: number;
  readonly order: number;
}

export interface Called {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
}

export const ok: CallOutcome = { kind: 'answered', status: 200, isPage: false };
const brand = brandNamed('audi');

/** SQS delays by 15 minutes at most. */
const longestDelay = 900_000;

/** Everything between the bus and the receivers, in memory and in a time of its own. */
export class WebhookWorld {
  now = 1_790_000_000_000;
  readonly webhooks = new MemoryWebhooks();
  readonly deliveries = new MemoryDeliveries();
  readonly calls: Called[] = [];
  /** What the receiver does; throws as a function that is killed in the middle of the call. */
  receiver: (call: Called) => CallOutcome = () => ok;
  /** How often SQS brings a message. */
  copies: () => number = () => 1;
  /** Whether a function dies before it has written, called, or said what it wanted. */
  dies: () => boolean = () => false;
  draw: () => number = () => 0.5;
  readonly #queue: Queued[] = [];
  #order = 0;
  readonly spreading: SpreadService;
  readonly sending: SendService;

  constructor() {
    const clock = { now: () => this.now };
    const { webhooks, deliveries } = this.mortal();
    this.spreading = new SpreadService({
      ...{ webhooks, clock, brands: [brand], setup: { operator: async () => undefined } },
      attempts: {
        make: async (all) => {
          for (const first of all) this.put({ first }, this.now);
        },
      },
      clients: { load: async (clientId) => (clientId === 'stranger' ? [] : ['audi']) },
      digest: (text) => createHash('sha256').update(text).digest(),
    });
    this.sending = new SendService({
      ...{ webhooks, deliveries, clock, draw: () => this.draw() },
      reminders: {
        remind: async (reminder, at) => {
          this.#mayDie();
          this.put({ reminder, at }, Math.min(Math.max(at, this.now), this.now + longestDelay));
        },
      },
      caller: {
        call: async (url, headers, body) => {
          const call = { url, headers, body, at: this.now };
          this.calls.push(call);
          return this.receiver(call);
        },
      },
      secrets: { secret: async (webhookId, generation) => Buffer.from(`${webhookId}/${generation}`) },
      mac: (key, text) => createHmac('sha256', key).update(text).digest(),
    });
  }

  async subscribe(clientId = 'partner', name = 'a'): Promise<Webhook> {
    const order = { url: `https://${clientId}.example.com/`, types: ['vehicle.retired'], brand } as const;
    const webhook = newWebhook(webhookIdOf(name.repeat(20)), clientId, order, this.now);
    await this.webhooks.save(webhook, undefined);
    return webhook;
  }

  async happens(eventId: string): Promise<void> {
    const detail = {
      ...{ eventId, at: this.now, vehicleId: 'veh-x', brand: 'audi', model: 'e-tron', market: 'DE' },
      status: 'retired',
    };
    const message: BusMessage = { source: 'fleetloom.registry', 'detail-type': 'VehicleRetired', detail };
    for (let copy = this.copies(); copy > 0; copy -= 1) await this.spreading.spread(message);
  }

  put(message: Message, due: number): void {
    for (let copy = this.copies(); copy > 0; copy -= 1) this.#queue.push({ message, due, order: this.#order++ });
  }

  /** Works off what is due until then, in the order in which it is due. @returns messages worked off */
  async passes(ms: number, most = 100_000): Promise<number> {
    const until = this.now + ms;
    for (let done = 0; ; done += 1) {
      this.#queue.sort((one, other) => one.due - other.due || one.order - other.order);
      const [next] = this.#queue;
      if (next === undefined || next.due > until) {
        this.now = until;
        return done;
      }
      if (done >= most) throw new Error('There is no end of messages');
      this.#queue.shift();
      this.now = Math.max(this.now, next.due);
      await this.#work(next);
    }
  }

  get waitingMessages(): number {
    return this.#queue.length;
  }

  /** What fails comes again when its time is over, as SQS brings it. */
  async #work(queued: Queued): Promise<void> {
    const { message } = queued;
    try {
      if ('first' in message) await this.sending.first(message.first);
      else await this.sending.reminded(message.reminder, message.at);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      this.#queue.push({ ...queued, due: this.now + 180_000 });
    }
  }

  /** Books whose writes may be the last thing a function does, or the one it does not come to. */
  mortal() {
    const { webhooks, deliveries } = this;
    const deadly = <A extends readonly unknown[]>(write: (...asked: A) => Promise<boolean>) => {
      return async (...asked: A) => {
        this.#mayDie();
        const saved = await write(...asked);
        this.#mayDie();
        return saved;
      };
    };
    return {
      webhooks: {
        load: webhooks.load.bind(webhooks),
        listeners: webhooks.listeners.bind(webhooks),
        save: deadly(webhooks.save.bind(webhooks)),
      },
      deliveries: {
        load: deliveries.load.bind(deliveries),
        of: deliveries.of.bind(deliveries),
        save: deadly(deliveries.save.bind(deliveries)),
      },
    };
  }

  #mayDie(): void {
    if (this.dies()) throw new Death('killed');
  }
}

class Death extends Error {}

function brandNamed(name: string) {
  if (!isBrand(name)) throw new RangeError(`${name} is no brand`);
  return name;
}
