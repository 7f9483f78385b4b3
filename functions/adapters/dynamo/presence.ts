import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Presence } from '#shared/registry/presence.ts';
import type { PresenceRepository } from '#shared/registry/presence-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { written } from './document-client.ts';
import { registryKeys, vehicleIdValue } from './registry-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const presenceItem = z.intersection(
  z.object({
    vehicleId: vehicleIdValue,
    connected: z.boolean(),
    since: z.number(),
    epoch: z.exactOptional(z.number()),
    version: z.number(),
  }),
  z.union([z.object({ sequence: z.string() }), z.object({ sessionId: z.string(), connection: z.number() })]),
);

/** An item of its own, so that a connection rewrites neither the vehicle nor its index entries. */
export class DynamoPresenceRepository implements PresenceRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<Presence | undefined> {
    const get = { TableName: this.#table, Key: registryKeys.presence(vehicleId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : presenceItem.parse(Item);
  }

  async loadMany(vehicleIds: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, Presence>> {
    const found = new Map<VehicleId, Presence>();
    let keys: Record<string, unknown>[] = vehicleIds.map(registryKeys.presence);
    // The answer may leave keys out (16 MB, throttling): those are asked for again.
    while (keys.length > 0) {
      const request = { RequestItems: { [this.#table]: { Keys: keys.slice(0, 100) } } };
      const { Responses, UnprocessedKeys } = await this.#client.send(new BatchGetCommand(request));
      for (const item of Responses?.[this.#table] ?? []) {
        const presence = presenceItem.parse(item);
        found.set(presence.vehicleId, presence);
      }
      keys = [...(UnprocessedKeys?.[this.#table]?.Keys ?? []), ...keys.slice(100)];
    }
    return found;
  }

  save(presence: Presence, seen: Presence | undefined): Promise<boolean> {
    const put = {
      TableName: this.#table,
      Item: { ...registryKeys.presence(presence.vehicleId), ...presence },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen.version } }),
    };
    return written(this.#client.send(new PutCommand(put)));
  }
}
