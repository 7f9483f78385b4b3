import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

interface Waiting {
  readonly found: (item: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** BatchGetItem takes so many. */
const atOnce = 100;
const keyed = z.object({ pk: z.string(), sk: z.string() });

/** Reads items of one table, strongly consistent. What is asked for at the same time goes in one call. */
export class BatchedGets {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  #waiting = new Map<string, { readonly key: ItemKey; readonly askers: Waiting[] }>();

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** @returns undefined where there is none */
  get(key: ItemKey): Promise<unknown> {
    return new Promise((found, failed) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#askAll());
      const known = this.#waiting.get(nameOf(key)) ?? { key, askers: [] };
      known.askers.push({ found, failed });
      this.#waiting.set(nameOf(key), known);
    });
  }

  #askAll(): void {
    const all = [...this.#waiting.values()];
    this.#waiting = new Map();
    for (let from = 0; from < all.length; from += atOnce) {
      const some = all.slice(from, from + atOnce);
      this.#ask(some.map(({ key }) => key))
        .then((items) => {
          for (const { key, askers } of some) for (const { found } of askers) found(items.get(nameOf(key)));
        })
        .catch((error: unknown) => {
          for (const { askers } of some) for (const { failed } of askers) failed(error);
        });
    }
  }

  async #ask(Keys: readonly ItemKey[]): Promise<ReadonlyMap<string, unknown>> {
    const { Responses = {}, UnprocessedKeys = {} } = await this.#client.send(
      new BatchGetCommand({ RequestItems: { [this.#table]: { Keys: [...Keys], ConsistentRead: true } } }),
    );
    if (Object.keys(UnprocessedKeys).length > 0) throw new Error('The table left a part of the question open');
    return new Map((Responses[this.#table] ?? []).map((item) => [nameOf(keyed.parse(item)), item]));
  }
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk}/${sk}`;
}
