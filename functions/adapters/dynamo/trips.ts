import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { reservationIdValue } from '#shared/sharing/id-values.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import type { Trip, TripKey } from '#shared/sharing/trips/trip.ts';
import type { TripRepository } from '#shared/sharing/trips/trip-repository.ts';
import { written } from './document-client.ts';
import { tripOf } from './trip-item.ts';
import { tripKeys, tripPrefixes } from './trip-keys.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** What the index holds of a trip. */
const indexed = z.object({ pk: z.string(), sk: z.string(), reservationId: reservationIdValue });
type Indexed = z.infer<typeof indexed>;

export class DynamoTripRepository implements TripRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  load(key: TripKey): Promise<Trip | undefined> {
    return this.#at(tripKeys.trip(key));
  }

  save(trip: Trip, seen: number | undefined): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: { ...tripKeys.trip(trip), ...trip } },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen } }),
    };
    return written(this.#client.send(new PutCommand(put)));
  }

  async ofVehicle(vehicleId: string, { limit, from }: PageRequest): Promise<Page<Trip>> {
    const pk = tripKeys.vehicle(vehicleId);
    if (from !== undefined && !/^trip#\d{10,16}$/.test(from)) throw badCursor();
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true, ScanIndexForward: false, Limit: limit },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :trip)',
        ExpressionAttributeValues: { ':pk': pk, ':trip': tripPrefixes.trip },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
      }),
    );
    const items = Items.map(tripOf);
    return LastEvaluatedKey === undefined ? { items } : { items, next: String(LastEvaluatedKey['sk']) };
  }

  async ofPerson(personId: string, { limit, from }: PageRequest): Promise<Page<Trip>> {
    const start = from === undefined ? undefined : { ...positionOf(from), personId };
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, IndexName: tripKeys.byPerson, ScanIndexForward: false, Limit: limit },
        KeyConditionExpression: 'personId = :person',
        ExpressionAttributeValues: { ':person': personId },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    const items = await this.#whole(Items);
    return LastEvaluatedKey === undefined ? { items } : { items, next: cursorOf(indexed.parse(LastEvaluatedKey)) };
  }

  async ofReservation(personId: string, reservationId: ReservationId): Promise<Trip | undefined> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, IndexName: tripKeys.byPerson },
        KeyConditionExpression: 'personId = :person AND reservationId = :reservation',
        ExpressionAttributeValues: { ':person': personId, ':reservation': reservationId },
      }),
    );
    const [trip] = await this.#whole(Items);
    return trip;
  }

  /** The index knows keys alone. */
  async #whole(items: readonly unknown[]): Promise<readonly Trip[]> {
    const trips = await Promise.all(items.map((item) => indexed.parse(item)).map(({ pk, sk }) => this.#at({ pk, sk })));
    return trips.filter((trip) => trip !== undefined);
  }

  async #at(Key: { readonly pk: string; readonly sk: string }): Promise<Trip | undefined> {
    const get = { TableName: this.#table, Key, ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : tripOf(Item);
  }
}

function cursorOf({ pk, sk, reservationId }: Indexed): string {
  return [pk, sk, reservationId].join(' ');
}

function positionOf(cursor: string): Indexed {
  const [pk, sk, reservationId] = cursor.split(' ');
  const parsed = indexed.safeParse({ pk, sk, reservationId });
  if (!parsed.success) throw badCursor();
  return parsed.data;
}

function badCursor(): Failure {
  return new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
}
