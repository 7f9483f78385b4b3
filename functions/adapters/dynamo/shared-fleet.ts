import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { SharedFleet } from '#shared/ota/campaigns/shared-fleet.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { bookingKeys } from './booking-item.ts';

const standing = z.object({ pk: z.string(), outOfService: z.optional(z.string()) });

export class DynamoSharedFleet implements SharedFleet {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async among(vehicleIds: readonly VehicleId[]): Promise<ReadonlySet<VehicleId>> {
    const shared = new Set<string>();
    let keys: Record<string, unknown>[] = vehicleIds.map(bookingKeys.vehicle);
    // The answer may leave keys out (16 MB, throttling): those are asked for again.
    while (keys.length > 0) {
      const wanted = { Keys: keys.slice(0, 100), ConsistentRead: true, ProjectionExpression: 'pk, outOfService' };
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetCommand({ RequestItems: { [this.#table]: wanted } }),
      );
      for (const item of Responses?.[this.#table] ?? []) {
        const { pk, outOfService } = standing.parse(item);
        // Sold: its owner is asked again.
        if (outOfService !== 'decommissioned') shared.add(pk);
      }
      keys = [...(UnprocessedKeys?.[this.#table]?.Keys ?? []), ...keys.slice(100)];
    }
    return new Set(vehicleIds.filter((vehicleId) => shared.has(bookingKeys.vehicle(vehicleId).pk)));
  }
}
