import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { VehiclePorts } from '#shared/registry/vehicle-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoInventoryRepository } from '../adapters/dynamo/inventory.ts';
import { DynamoPresenceRepository } from '../adapters/dynamo/presence.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { setting } from '../environment.ts';
import { systemClock } from './clock.ts';

export function registryPorts(client: DynamoDBDocumentClient = documentClient()): VehiclePorts {
  const table = setting('REGISTRY_TABLE');
  return {
    vehicles: new DynamoVehicleRepository(client, table),
    presences: new DynamoPresenceRepository(client, table),
    inventories: new DynamoInventoryRepository(client, table),
    clock: systemClock,
  };
}
