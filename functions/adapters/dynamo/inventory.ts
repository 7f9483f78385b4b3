import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Inventory } from '#shared/registry/inventory.ts';
import type { InventoryRepository } from '#shared/registry/inventory-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { written } from './document-client.ts';
import { registryKeys, vehicleIdValue } from './registry-item.ts';

const isNewer = 'attribute_not_exists(pk) OR #sequence < :sequence';

const inventoryItem = z.object({
  vehicleId: vehicleIdValue,
  sequence: z.number(),
  softwareVersion: z.string(),
  reportedAt: z.number(),
  rxswins: z.exactOptional(z.record(z.string(), z.string())),
  ecus: z.array(
    z.object({ ecuId: z.string(), hardwareId: z.string(), softwareVersion: z.string(), releaseCounter: z.number() }),
  ),
});

export class DynamoInventoryRepository implements InventoryRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<Inventory | undefined> {
    const get = { TableName: this.#table, Key: registryKeys.inventory(vehicleId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : inventoryItem.parse(Item);
  }

  async loadMany(vehicleIds: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, Inventory>> {
    const found = new Map<VehicleId, Inventory>();
    let keys: Record<string, unknown>[] = vehicleIds.map(registryKeys.inventory);
    // The answer may leave keys out (16 MB, throttling): those are asked for again.
    while (keys.length > 0) {
      const request = { RequestItems: { [this.#table]: { Keys: keys.slice(0, 100) } } };
      const { Responses, UnprocessedKeys } = await this.#client.send(new BatchGetCommand(request));
      for (const item of Responses?.[this.#table] ?? []) {
        const inventory = inventoryItem.parse(item);
        found.set(inventory.vehicleId, inventory);
      }
      keys = [...(UnprocessedKeys?.[this.#table]?.Keys ?? []), ...keys.slice(100)];
    }
    return found;
  }

  save(inventory: Inventory): Promise<boolean> {
    const put = {
      TableName: this.#table,
      Item: { ...registryKeys.inventory(inventory.vehicleId), ...inventory },
      ConditionExpression: isNewer,
      ExpressionAttributeNames: { '#sequence': 'sequence' },
      ExpressionAttributeValues: { ':sequence': inventory.sequence },
    };
    return written(this.#client.send(new PutCommand(put)));
  }
}
