import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

export interface BusEvent {
  readonly name: string;
  readonly eventId: string;
  readonly at: number;
}

/** EventBridge takes so many in one call. */
const atOnce = 10;

interface Waiting {
  readonly event: BusEvent;
  readonly taken: () => void;
  readonly refused: (error: unknown) => void;
}

/** Puts events of one capability on the bus. Those that are put at the same time go in one call. */
export class Bus {
  readonly #client: EventBridgeClient;
  readonly #bus: string;
  readonly #source: string;
  #waiting: Waiting[] = [];

  /** @param source `fleetloom.<capability>` */
  constructor(client: EventBridgeClient, bus: string, source: string) {
    this.#client = client;
    this.#bus = bus;
    this.#source = source;
  }

  put(event: BusEvent): Promise<void> {
    return new Promise((taken, refused) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#sendAll());
      this.#waiting.push({ event, taken, refused });
    });
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < all.length; from += atOnce) {
      const some = all.slice(from, from + atOnce);
      this.#send(some).catch((error: unknown) => {
        for (const { refused } of some) refused(error);
      });
    }
  }

  async #send(some: readonly Waiting[]): Promise<void> {
    const Entries = some.map(({ event: { name, ...detail } }) => ({
      ...{ EventBusName: this.#bus, Source: this.#source, DetailType: name },
      ...{ Time: new Date(detail.at), Detail: JSON.stringify(detail) },
    }));
    const answer = await this.#client.send(new PutEventsCommand({ Entries }));
    // PutEvents succeeds as a call even where it takes none of the events.
    some.forEach(({ event, taken, refused }, index) => {
      const { ErrorCode, EventId } = answer.Entries?.[index] ?? {};
      if (EventId !== undefined) taken();
      else refused(new Error(`The bus did not take ${event.name}: ${ErrorCode ?? 'without a reason'}`));
    });
  }
}
