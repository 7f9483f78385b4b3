import type { ClientBrandsRepository } from '../access/client-brands-repository.ts';
import { everyBrand } from '../access/roles.ts';
import type { Clock, Instant } from '../kernel/clock.ts';
import type { Brand } from '../registry/brand.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import { isOperatorId } from '../sharing/sharing-id.ts';
import { type Audience, type BusMessage, isEventType, webhookEventOf } from './event-catalogue.ts';
import type { FirstAttempts, WebhookName, WebhookRepository } from './ports.ts';
import { deliveryIdOf } from './webhook-id.ts';

export interface SpreadPorts {
  readonly webhooks: Pick<WebhookRepository, 'listeners'>;
  readonly attempts: FirstAttempts;
  readonly setup: Pick<SharingSetup, 'operator'>;
  readonly clients: ClientBrandsRepository;
  /** Every brand of the deployment. */
  readonly brands: readonly Brand[];
  readonly digest: (text: string) => Uint8Array;
  readonly clock: Clock;
}

const page = 500;
/** ms for which a client's rights are believed; a fleet's events come by the hundred. */
const belief = 60_000;

/** Finds who wants to be told of an event and still may be. An event that comes twice names the same deliveries. */
export class SpreadService {
  readonly #ports: SpreadPorts;
  readonly #rights = new Map<string, { readonly may: Promise<boolean>; readonly until: Instant }>();

  constructor(ports: SpreadPorts) {
    this.#ports = ports;
  }

  /** @returns how many are told */
  async spread(message: BusMessage): Promise<number> {
    const found = webhookEventOf(message);
    if (found === undefined || !isEventType(found.event.type)) return 0;
    const { event, audience } = found;
    const { webhooks, attempts, digest } = this.#ports;
    const subject = subjectOf(audience);
    let told = 0;
    for (let from: string | undefined; ; ) {
      const request = { limit: page, ...(from !== undefined && { from }) };
      const { items, next } = await webhooks.listeners(found.event.type, subject, request);
      const entitled = await this.#entitled(items, audience);
      await attempts.make(
        entitled.map((name) => ({
          ...{ ...name, event },
          deliveryId: deliveryIdOf(event.at, digest(`${name.webhookId}/${event.type}/${event.eventId}`)),
        })),
      );
      told += entitled.length;
      if (next === undefined) return told;
      from = next;
    }
  }

  async #entitled(names: readonly WebhookName[], audience: Audience): Promise<readonly WebhookName[]> {
    const rights = await Promise.all(names.map(({ clientId }) => this.#may(clientId, audience)));
    return names.filter((_, place) => rights[place]);
  }

  #may(clientId: string, audience: Audience): Promise<boolean> {
    const now = this.#ports.clock.now();
    const key = `${clientId}/${audience.kind}/${subjectOf(audience)}`;
    const known = this.#rights.get(key);
    // One that ends later than what is learnt now is from a future that the clock was set back from.
    if (known !== undefined && now < known.until && known.until <= now + belief) return known.may;
    const may = this.#lookUp(clientId, audience);
    this.#rights.set(key, { may, until: now + belief });
    may.catch(() => this.#rights.delete(key));
    return may;
  }

  async #lookUp(clientId: string, audience: Audience): Promise<boolean> {
    if (audience.kind === 'client') return clientId === audience.clientId;
    const { clients, setup, brands } = this.#ports;
    if (audience.kind === 'operator') {
      const operator = isOperatorId(audience.operatorId) ? await setup.operator(audience.operatorId) : undefined;
      if (operator?.clientIds.includes(clientId)) return true;
    }
    const own = await clients.load(clientId);
    if (own.includes(everyBrand)) return true;
    return audience.kind === 'brand' ? own.includes(audience.brand) : brands.every((brand) => own.includes(brand));
  }
}

function subjectOf(audience: Audience): string {
  switch (audience.kind) {
    case 'operator':
      return audience.operatorId;
    case 'brand':
      return audience.brand;
    case 'client':
      return audience.clientId;
  }
}
