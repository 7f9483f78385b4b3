import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PersonId } from '#shared/access/person.ts';
import type { SharingErasure, SharingUse, TripsFound } from '#shared/erasure/sharing-step.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { operatorIdValue } from '#shared/sharing/id-values.ts';
import { bookingKeys } from './booking-item.ts';
import { written } from './document-client.ts';
import { blurMoves } from './mobility-erasure.ts';
import { movePrefix } from './mobility-item.ts';
import { Partition } from './partition.ts';
import { DynamoSharingAccounts } from './sharing-accounts.ts';
import { tripKeys, tripPrefixes } from './trip-keys.ts';

const isTheirs = 'personId = :person';
const isThere = 'attribute_exists(pk)';

const indexed = z.object({ pk: z.string(), sk: z.string(), personId: z.string(), reservationId: z.string() });
const tripItem = z.object({
  ...{ fence: z.number(), personId: z.string(), reservationId: z.string() },
  ...{ state: z.object({ status: z.string() }), payment: z.object({ kind: z.string() }) },
  course: z.optional(z.unknown()),
});

/** A trip that is over, and paid for as far as it ever will be. */
const over = new Set(['settled', 'cancelled', 'expired']);
const unpaid = new Set(['owed', 'collecting', 'capturing']);

export interface SharingTables {
  readonly bookings: string;
  readonly sharing: string;
  readonly trips: string;
}

/** What sharing keeps of persons and of where vehicles were. What is gone already counts as nothing. */
export class DynamoSharingErasure implements SharingErasure {
  readonly #client: DynamoDBDocumentClient;
  readonly #tables: SharingTables;
  readonly #accounts: DynamoSharingAccounts;

  constructor(client: DynamoDBDocumentClient, tables: SharingTables) {
    this.#client = client;
    this.#tables = tables;
    this.#accounts = new DynamoSharingAccounts(client, tables);
  }

  accountsOf(personId: PersonId): Promise<readonly SharingUse[]> {
    return this.#accounts.accountsOf(personId);
  }

  async forgetAccount(personId: PersonId, operatorId: string): Promise<void> {
    const Key = bookingKeys.driver(operatorIdValue.parse(operatorId), personId);
    await this.#client.send(new DeleteCommand({ TableName: this.#tables.bookings, Key }));
  }

  async tripsOf(personId: PersonId, after: string | undefined, limit: number): Promise<TripsFound> {
    const start = after === undefined ? undefined : indexed.parse(JSON.parse(after));
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#tables.trips, IndexName: tripKeys.byPerson, Limit: limit },
        KeyConditionExpression: isTheirs,
        ExpressionAttributeValues: { ':person': personId },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    const trips: string[] = [];
    for (const { pk, sk } of Items.map((item) => indexed.parse(item))) {
      const { data: trip } = tripItem.safeParse(await this.#get(this.#tables.trips, { pk, sk }));
      if (trip?.personId !== personId || !over.has(trip.state.status) || unpaid.has(trip.payment.kind)) continue;
      trips.push(`${pk} ${sk}`);
    }
    return { trips, ...(LastEvaluatedKey !== undefined && { next: JSON.stringify(indexed.parse(LastEvaluatedKey)) }) };
  }

  async forgetTrip(personId: PersonId, trip: string): Promise<void> {
    const [pk = '', sk = ''] = trip.split(' ');
    const { data: item } = tripItem.safeParse(await this.#get(this.#tables.trips, { pk, sk }));
    if (item?.personId !== personId) return;
    // The places first: without the person nobody finds the trip again.
    await this.#removeLines(pk, tripKeys.linesOf(item.fence));
    await blurMoves(this.#client, this.#tables.trips, pk, item.fence);
    await this.#withoutPlaces(
      { pk, sk },
      item.course,
      `SET personId = :nobody, #version = #version + :one`,
      `erased-${item.reservationId}`,
    );
  }

  async vehicleLines(vehicleId: VehicleId, after: string | undefined, limit: number) {
    // Lines of its log, what cities know of it, its moves: they stand in this order, and nothing else between them.
    const range = { from: tripPrefixes.line, to: `${movePrefix}~` };
    return new Partition(this.#client, this.#tables.trips, tripKeys.vehicle(vehicleId)).keys(range, after, limit);
  }

  async forgetLines(vehicleId: VehicleId, keys: readonly string[]): Promise<void> {
    await new Partition(this.#client, this.#tables.trips, tripKeys.vehicle(vehicleId)).remove(keys);
  }

  async #removeLines(pk: string, prefix: string): Promise<void> {
    const partition = new Partition(this.#client, this.#tables.trips, pk);
    let after: string | undefined;
    do {
      const { keys, next } = await partition.keys({ from: prefix, to: `${prefix}~` }, after, 100);
      await partition.remove(keys);
      after = next;
    } while (after !== undefined);
  }

  async #withoutPlaces(
    Key: { readonly pk: string; readonly sk: string },
    course: unknown,
    set: string,
    nobody: string,
  ): Promise<void> {
    const places = ['start', 'end'].filter((part) => typeof course === 'object' && course !== null && part in course);
    const remove = places.length === 0 ? '' : ` REMOVE ${places.map((part) => `course.#${part}.place`).join(', ')}`;
    const names = Object.fromEntries(places.map((part) => [`#${part}`, part]));
    await written(
      this.#client.send(
        new UpdateCommand({
          ...{ TableName: this.#tables.trips, Key, UpdateExpression: `${set}${remove}`, ConditionExpression: isThere },
          ExpressionAttributeNames: { ...names, '#version': 'version' },
          ExpressionAttributeValues: { ':nobody': nobody, ':one': 1 },
        }),
      ),
    );
  }

  async #get(TableName: string, Key: { readonly pk: string; readonly sk: string }): Promise<unknown> {
    const { Item } = await this.#client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item;
  }
}
