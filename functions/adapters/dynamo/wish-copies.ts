import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { WishCopies } from '#shared/registry/move-ports.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { isSettings, type Settings } from '#shared/twins/twin.ts';
import type { Copied } from '#shared/twins/wish-copy.ts';
import { Partition } from './partition.ts';
import { registryKeys, wishCopies } from './registry-item.ts';

const settings = z.custom<Settings>(isSettings);
const copied = z.object({ settings, at: z.number(), pending: z.exactOptional(z.array(settings)) });
// As text: what is desired may hold what the table has no form for, an empty name among them.
const copyItem = z.object({ sk: z.string(), copied: z.string() });

const pageSize = 100;

/** One item a twin, beside the vehicle and for as long as its move lasts. */
export class DynamoWishCopies implements WishCopies {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId, epoch: number): Promise<ReadonlyMap<string, Copied>> {
    const prefix = wishCopies(epoch);
    const { pk } = registryKeys.vehicle(vehicleId);
    const found = new Map<string, Copied>();
    for (let from: Record<string, unknown> | undefined; ; ) {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          ...{ TableName: this.#table, ConsistentRead: true },
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
          ...(from !== undefined && { ExclusiveStartKey: from }),
        }),
      );
      for (const item of Items) {
        const { sk, copied: text } = copyItem.parse(item);
        found.set(sk.slice(prefix.length), copied.parse(JSON.parse(text)));
      }
      if (LastEvaluatedKey === undefined) return found;
      from = LastEvaluatedKey;
    }
  }

  /** Whichever of two that are written at once stays: each says what stands in the new home, or may. */
  async save(vehicleId: VehicleId, epoch: number, name: string, copy: Copied): Promise<void> {
    const item = { ...registryKeys.wishCopy(vehicleId, epoch, name), copied: JSON.stringify(copy) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: item }));
  }

  async clear(vehicleId: VehicleId, epoch: number): Promise<void> {
    const partition = new Partition(this.#client, this.#table, registryKeys.vehicle(vehicleId).pk);
    const from = wishCopies(epoch);
    for (let after: string | undefined; ; ) {
      const { keys, next } = await partition.keys({ from, to: `${from}\u{10ffff}` }, after, pageSize);
      await partition.remove(keys);
      if (next === undefined) return;
      after = next;
    }
  }
}
