import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DomainEvents } from '#shared/registry/consequence-service.ts';
import type { DomainEvent } from '#shared/registry/consequences.ts';

export class BusDomainEvents implements DomainEvents {
  readonly #client: EventBridgeClient;
  readonly #bus: string;

  constructor(client: EventBridgeClient, bus: string) {
    this.#client = client;
    this.#bus = bus;
  }

  async announce({ name, ...detail }: DomainEvent, eventId: string): Promise<void> {
    const { FailedEntryCount, Entries } = await this.#client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: this.#bus,
            Source: 'fleetloom.registry',
            DetailType: name,
            Time: new Date(detail.at),
            Detail: JSON.stringify({ eventId, ...detail }),
          },
        ],
      }),
    );
    // PutEvents succeeds as a call even where it takes none of the events.
    if (FailedEntryCount !== undefined && FailedEntryCount > 0) {
      throw new Error(`The bus did not take ${name}: ${Entries?.[0]?.ErrorCode ?? 'without a reason'}`);
    }
  }
}
