import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Home } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { homeValue, registryKeys } from './registry-item.ts';

const item = z.object({ home: z.exactOptional(homeValue) });

/** Where the registry says that a vehicle is at home. */
export function homesIn(client: DynamoDBDocumentClient, table: string) {
  return async (vehicleId: VehicleId): Promise<Home | undefined> => {
    const get = { TableName: table, Key: registryKeys.vehicle(vehicleId), ProjectionExpression: 'home' };
    const { Item } = await client.send(new GetCommand({ ...get, ConsistentRead: true }));
    return item.parse(Item ?? {}).home;
  };
}
