import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type HomeName, isHomeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { RegisteredHome } from '#shared/vehicle-cloud/posted-event.ts';
import type { VehicleHomes } from '#shared/vehicle-cloud/posted-event-service.ts';
import { registryKeys, vehicleIdValue, vehicleKind } from './registry-item.ts';

const name = z.custom<HomeName>((value) => typeof value === 'string' && isHomeName(value));
const found = z.object({
  pk: z.string(),
  sk: z.string(),
  home: z.exactOptional(z.object({ name, epoch: z.number() })),
});

/** DynamoDB answers a hundred keys a call, and each vehicle has two. */
const keysAtOnce = 100;
/** What is left out of an answer (throttling) is asked for again so often; the post comes again after that. */
const rounds = 5;

/** Where many vehicles are at home, by one call for fifty of them. */
export class DynamoVehicleHomes implements VehicleHomes {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleIds: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, NonNullable<RegisteredHome>>> {
    const homes = new Map<VehicleId, NonNullable<RegisteredHome>>();
    let keys: Record<string, unknown>[] = vehicleIds.flatMap((id) => [
      registryKeys.vehicle(id),
      registryKeys.erased(id),
    ]);
    for (let round = 0; keys.length > 0; round += 1) {
      if (round > rounds + vehicleIds.length / (keysAtOnce / 2)) throw new Error('The registry does not answer');
      const Keys = keys.slice(0, keysAtOnce);
      const { Responses, UnprocessedKeys } = await this.#client.send(
        new BatchGetCommand({
          RequestItems: {
            [this.#table]: { Keys, ConsistentRead: true, ProjectionExpression: 'pk, sk, home' },
          },
        }),
      );
      for (const item of Responses?.[this.#table] ?? []) {
        const { pk, sk, home } = found.parse(item);
        const vehicleId = vehicleIdValue.parse(pk.slice(pk.indexOf('#') + 1));
        homes.set(vehicleId, sk === vehicleKind ? { ...(home !== undefined && { home }) } : 'erased');
      }
      keys = [...(UnprocessedKeys?.[this.#table]?.Keys ?? []), ...keys.slice(keysAtOnce)];
    }
    return homes;
  }
}
