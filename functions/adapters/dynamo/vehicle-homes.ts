import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { RegisteredHome } from '#shared/vehicle-cloud/posted-event.ts';
import type { VehicleHomes } from '#shared/vehicle-cloud/posted-event-service.ts';
import { registryKeys, vehicleHomeValue, vehicleIdValue } from './registry-item.ts';

const found = z.object({
  pk: z.string(),
  home: z.exactOptional(vehicleHomeValue),
});

/** DynamoDB, BatchGetItem. */
const keysAtOnce = 100;
/** What is left out of an answer (throttling) is asked for again so often; the post comes again after that. */
const rounds = 5;

/**
 * Where many vehicles are at home. Read as it was a moment ago, for half the price: a vehicle that has moved needs seconds
 * to reach its new home, and whoever notes its presence looks again.
 */
export class DynamoVehicleHomes implements VehicleHomes {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleIds: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, NonNullable<RegisteredHome>>> {
    const homes = new Map<VehicleId, NonNullable<RegisteredHome>>();
    for (const item of await this.#items(vehicleIds.map(registryKeys.vehicle))) {
      homes.set(item.vehicleId, { ...(item.home !== undefined && { home: item.home }) });
    }
    const missing = vehicleIds.filter((vehicleId) => !homes.has(vehicleId));
    for (const { vehicleId } of await this.#items(missing.map(registryKeys.erased))) homes.set(vehicleId, 'erased');
    return homes;
  }

  async #items(wanted: readonly Record<string, unknown>[]) {
    const items: z.output<typeof found>[] = [];
    let keys = [...wanted];
    for (let round = 0; keys.length > 0; round += 1) {
      if (round > rounds + wanted.length / keysAtOnce) throw new Error('The registry does not answer');
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetCommand({
          RequestItems: { [this.#table]: { Keys: keys.slice(0, keysAtOnce), ProjectionExpression: 'pk, home' } },
        }),
      );
      for (const item of Responses?.[this.#table] ?? []) items.push(found.parse(item));
      keys = [...(UnprocessedKeys?.[this.#table]?.Keys ?? []), ...keys.slice(keysAtOnce)];
    }
    return items.map(({ pk, home }) => ({ vehicleId: vehicleIdValue.parse(pk.slice(pk.indexOf('#') + 1)), home }));
  }
}
