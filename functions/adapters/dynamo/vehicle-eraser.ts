import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleEraser } from '#shared/registry/vehicle-eraser.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { written } from './document-client.ts';
import { registryKeys, vehicleOf } from './registry-item.ts';

const unchanged = 'version = :seen';
const isOfVehicle = 'attribute_not_exists(pk) OR vehicleId = :vehicle';

export class DynamoVehicleEraser implements VehicleEraser {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<Vehicle | undefined> {
    const get = { TableName: this.#table, Key: registryKeys.vehicle(vehicleId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : vehicleOf(Item);
  }

  erase({ vehicleId, vin, brand, version }: Vehicle, erasureId: string): Promise<boolean> {
    const TableName = this.#table;
    const TransactItems = [
      {
        Delete: {
          ...{ TableName, Key: registryKeys.vehicle(vehicleId), ConditionExpression: unchanged },
          ExpressionAttributeValues: { ':seen': version },
        },
      },
      {
        Delete: {
          ...{ TableName, Key: registryKeys.vin(vin), ConditionExpression: isOfVehicle },
          ExpressionAttributeValues: { ':vehicle': vehicleId },
        },
      },
      // Says the same however often it is written.
      { Put: { TableName, Item: { ...registryKeys.erased(vehicleId), brand, erasureId } } },
    ];
    return written(this.#client.send(new TransactWriteCommand({ TransactItems })));
  }
}
