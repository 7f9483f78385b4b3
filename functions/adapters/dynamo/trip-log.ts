import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { TripKey } from '#shared/sharing/trips/trip.ts';
import type { TripLog } from '#shared/sharing/trips/trip-repository.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { writtenOrThere } from './document-client.ts';
import { lineOf } from './trip-item.ts';
import { tripKeys, tripPrefixes } from './trip-keys.ts';

const isNew = 'attribute_not_exists(pk)';
/** Behind every digit. */
const afterAll = '~';

export class DynamoTripLog implements TripLog {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async add(events: readonly TripEvent[]): Promise<readonly TripEvent[]> {
    const added = await Promise.all(
      events.map((line) => {
        const Item = { ...tripKeys.line(line), line };
        return writtenOrThere(this.#client, { TableName: this.#table, Item, ConditionExpression: isNew });
      }),
    );
    return events.filter((_, place) => added[place] === false);
  }

  ofTrip({ vehicleId, fence }: TripKey): Promise<readonly TripEvent[]> {
    const lines = tripKeys.linesOf(fence);
    return this.#between(vehicleId, lines, `${lines}${afterAll}`);
  }

  since({ vehicleId, fence }: TripKey): Promise<readonly TripEvent[]> {
    return this.#between(vehicleId, tripKeys.linesOf(fence), `${tripPrefixes.line}${afterAll}`);
  }

  async #between(vehicleId: string, from: string, to: string): Promise<readonly TripEvent[]> {
    const found: TripEvent[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          ...{ TableName: this.#table, ConsistentRead: true },
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': tripKeys.vehicle(vehicleId), ':from': from, ':to': to },
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      );
      found.push(...Items.map(lineOf));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }
}
