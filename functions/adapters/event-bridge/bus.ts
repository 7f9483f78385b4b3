import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

export interface BusEvent {
  readonly name: string;
  readonly eventId: string;
  readonly at: number;
}

/** Puts an event of one capability on the bus. */
export class Bus {
  readonly #client: EventBridgeClient;
  readonly #bus: string;
  readonly #source: string;

  /** @param source `fleetloom.<capability>` */
  constructor(client: EventBridgeClient, bus: string, source: string) {
    this.#client = client;
    this.#bus = bus;
    this.#source = source;
  }

  async put({ name, ...detail }: BusEvent): Promise<void> {
    const entry = {
      ...{ EventBusName: this.#bus, Source: this.#source, DetailType: name },
      ...{ Time: new Date(detail.at), Detail: JSON.stringify(detail) },
    };
    const { FailedEntryCount, Entries } = await this.#client.send(new PutEventsCommand({ Entries: [entry] }));
    // PutEvents succeeds as a call even where it takes none of the events.
    if (FailedEntryCount !== undefined && FailedEntryCount > 0) {
      throw new Error(`The bus did not take ${name}: ${Entries?.[0]?.ErrorCode ?? 'without a reason'}`);
    }
  }
}
