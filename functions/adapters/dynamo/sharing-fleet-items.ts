import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { VehicleWrite } from '#shared/sharing/setup/setup-repository.ts';
import type { FleetVehicle } from '#shared/sharing/setup/system.ts';
import { setupKeys } from './sharing-setup-keys.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const isFree = 'attribute_not_exists(pk) OR vehicleId = :its';

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** A vehicle, its line in the list of its system, and the label that it has there for itself. */
export class FleetItems {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async write(vehicle: FleetVehicle, seen?: FleetVehicle): Promise<VehicleWrite> {
    try {
      await this.#client.send(new TransactWriteCommand({ TransactItems: this.#writes(vehicle, seen) }));
      return 'written';
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      // In the order of the writes: vehicle, line, label.
      const [itself, , label] = (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code);
      if (itself === 'ConditionalCheckFailed') return 'not-as-seen';
      if (label === 'ConditionalCheckFailed') return 'label-taken';
      if (itself === 'TransactionConflict' || label === 'TransactionConflict') return 'not-as-seen';
      throw error;
    }
  }

  #writes(vehicle: FleetVehicle, seen: FleetVehicle | undefined): Writes {
    const TableName = this.#table;
    const asSeen =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    const { vehicleId } = vehicle;
    return [
      { Put: { TableName, Item: { ...setupKeys.vehicle(vehicleId), ...vehicle }, ...asSeen } },
      { Put: { TableName, Item: { ...setupKeys.vehicleLine(vehicle), ...vehicle } } },
      {
        Put: {
          ...{ TableName, Item: { ...setupKeys.label(vehicle), vehicleId }, ConditionExpression: isFree },
          ExpressionAttributeValues: { ':its': vehicleId },
        },
      },
      ...(seen === undefined ? [] : this.#left(vehicle, seen)),
    ];
  }

  /** What it had before and has no more. */
  #left(vehicle: FleetVehicle, seen: FleetVehicle): Writes {
    const TableName = this.#table;
    const keys = [setupKeys.vehicleLine, setupKeys.label].flatMap((keyOf) => {
      const [now, before] = [keyOf(vehicle), keyOf(seen)];
      return now.pk === before.pk && now.sk === before.sk ? [] : [before];
    });
    return keys.map((Key) => ({ Delete: { TableName, Key } }));
  }
}
