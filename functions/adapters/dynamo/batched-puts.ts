import { setTimeout as pause } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** BatchWriteItem takes so many. */
const atOnce = 25;
/** Pauses before what the table left undone is tried again, in ms; after the last one it counts as failed. */
const pauses = [50, 200, 800];

type Item = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

interface Waiting {
  readonly item: Item;
  readonly callers: { readonly done: () => void; readonly failed: (error: unknown) => void }[];
}

/**
 * Puts that are asked for at the same time, in calls of twenty-five: a put alone costs a round trip and a signature.
 * Only for items that are the same whenever they are written, since such calls know no conditions.
 */
export class BatchedPuts {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  #waiting = new Map<string, Waiting>();

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  put(item: Item): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#putAll());
      const key = `${item.pk}\n${item.sk}`;
      // A call must not name a key twice.
      const { callers } = this.#waiting.get(key) ?? { callers: [] };
      this.#waiting.set(key, { item, callers: [...callers, { done, failed }] });
    });
  }

  #putAll(): void {
    const all = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (let from = 0; from < all.length; from += atOnce) void this.#settle(all.slice(from, from + atOnce));
  }

  async #settle(some: readonly Waiting[]): Promise<void> {
    try {
      const undone = await this.#write(some);
      for (const { item, callers } of some) {
        const isUndone = undone.has(`${item.pk}\n${item.sk}`);
        for (const { done, failed } of callers) {
          if (isUndone) failed(new Error('The table does not keep up: it left an item undone.'));
          else done();
        }
      }
    } catch (error) {
      for (const { callers } of some) for (const { failed } of callers) failed(error);
    }
  }

  /** The keys of what is still undone at the end. */
  async #write(some: readonly Waiting[]): Promise<ReadonlySet<string>> {
    let requests: unknown[] = some.map(({ item }) => ({ PutRequest: { Item: item } }));
    for (const wait of [0, ...pauses]) {
      if (wait > 0) await pause(wait * (0.5 + Math.random()));
      const command = new BatchWriteCommand({ RequestItems: { [this.#table]: requests.map(putRequest) } });
      const { UnprocessedItems = {} } = await this.#client.send(command);
      requests = UnprocessedItems[this.#table] ?? [];
      if (requests.length === 0) break;
    }
    return new Set(requests.map(putRequest).map(({ PutRequest: { Item: item } }) => `${item['pk']}\n${item['sk']}`));
  }
}

function putRequest(request: unknown): { PutRequest: { Item: Record<string, unknown> } } {
  return { PutRequest: { Item: Object(Object(Object(request)['PutRequest'])['Item']) } };
}
