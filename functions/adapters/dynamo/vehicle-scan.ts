import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { VehicleScan, WatchedVehicle } from '#shared/registry/expiry-watch.ts';
import { lifeCycleValue, vehicleIdValue } from './registry-item.ts';

const watched = z.object({ vehicleId: vehicleIdValue, lifeCycle: lifeCycleValue });
const position = z.record(z.string(), z.string());

/**
 * Reads the index of models from end to end: it holds the vehicles and nothing else of the table, so no inventory is
 * paid for, and no VIN stands in where it goes on from.
 */
export class DynamoVehicleScan implements VehicleScan {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async page(from?: string): Promise<{ items: readonly WatchedVehicle[]; next?: string }> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new ScanCommand({
        TableName: this.#table,
        IndexName: 'byModel',
        ProjectionExpression: 'vehicleId, lifeCycle',
        ...(from !== undefined && { ExclusiveStartKey: position.parse(JSON.parse(from)) }),
      }),
    );
    const items = Items.map((item) => watched.parse(item));
    return { items, ...(LastEvaluatedKey !== undefined && { next: JSON.stringify(LastEvaluatedKey) }) };
  }
}
