import { setTimeout as pause } from 'node:timers/promises';
import { BatchWriteCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

const keyed = z.object({ sk: z.string() });
/** BatchWriteItem takes so many. */
const batchSize = 25;
/** Pauses before what the table left undone is tried again, in ms; after the last one the slice waits for another call. */
const pauses = [50, 200, 800];

export interface SortRange {
  readonly from: string;
  readonly to: string;
}

/** Every sort key there can be. */
export const everything: SortRange = { from: ' ', to: '\u{10ffff}' };

/** Pages through the items of a partition and deletes them. What is gone already needs no second removal. */
export class Partition {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #pk: string;

  constructor(client: DynamoDBDocumentClient, table: string, pk: string) {
    this.#client = client;
    this.#table = table;
    this.#pk = pk;
  }

  /** @param after the last key of the page before */
  async keys({ from, to }: SortRange, after: string | undefined, limit: number) {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true, Limit: limit, ProjectionExpression: 'sk' },
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': this.#pk, ':from': from, ':to': to },
        ...(after !== undefined && { ExclusiveStartKey: { pk: this.#pk, sk: after } }),
      }),
    );
    const keys = Items.map((item) => keyed.parse(item).sk);
    return { keys, ...(LastEvaluatedKey !== undefined && { next: keyed.parse(LastEvaluatedKey).sk }) };
  }

  async remove(keys: readonly string[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, at) =>
      keys.slice(at * batchSize, (at + 1) * batchSize),
    );
    await Promise.all(batches.map((batch) => this.#removeBatch(batch)));
  }

  async #removeBatch(keys: readonly string[]): Promise<void> {
    let left = keys;
    for (const wait of [0, ...pauses]) {
      if (wait > 0) await pause(wait * (0.5 + Math.random()));
      left = await this.#removed(left);
      if (left.length === 0) return;
    }
    // The slice is repeated as it was written down, after a while.
    throw new Error(`${left.length} items could not be deleted yet`);
  }

  /** The keys that the table left undone. */
  async #removed(keys: readonly string[]): Promise<readonly string[]> {
    const requests = keys.map((sk) => ({ DeleteRequest: { Key: { pk: this.#pk, sk } } }));
    const { UnprocessedItems = {} } = await this.#client.send(
      new BatchWriteCommand({ RequestItems: { [this.#table]: requests } }),
    );
    return (UnprocessedItems[this.#table] ?? []).map(({ DeleteRequest }) => keyed.parse(DeleteRequest?.Key).sk);
  }
}
