import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MoveBook, VehicleMoved } from '#shared/sharing/changes/change-service.ts';
import { written } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';

/** What happened to shared vehicles, in the order of their bookings. */
export class DynamoMoveBook implements MoveBook {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async keep(moves: readonly VehicleMoved[]): Promise<void> {
    await Promise.all(
      moves.map((move) => {
        const Item = { ...moveKey(move), ...move };
        return written(this.#client.send(new PutCommand({ TableName: this.#table, Item, ConditionExpression: isNew })));
      }),
    );
  }
}

/** Beside the vehicle's trips and its log. */
function moveKey({ vehicleId, version, place }: VehicleMoved) {
  const numbers = `${String(version).padStart(10, '0')}#${String(place).padStart(2, '0')}`;
  return { pk: `vehicle#${vehicleId}`, sk: `move#${numbers}` };
}
