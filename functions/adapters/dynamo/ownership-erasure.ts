import { DeleteCommand, type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PersonId } from '#shared/access/person.ts';
import type { OwnershipErasure } from '#shared/ownership/ownership-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { written } from './document-client.ts';
import {
  changeOf,
  isChangeKey,
  ownershipKeys,
  ownershipRanges,
  type Range,
  vehicleOfFormer,
} from './ownership-item.ts';

const isStillNamed = '#party = :person';

const keyed = z.looseObject({ pk: z.string(), sk: z.string() });
type Item = z.infer<typeof keyed>;

/** Deletes what identifies a person or a vehicle. What is gone already counts as nothing. */
export class DynamoOwnershipErasure implements OwnershipErasure {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async vehiclesOf(personId: PersonId): Promise<readonly VehicleId[]> {
    const found: VehicleId[] = [];
    for await (const { sk } of this.#items(ownershipRanges.former(personId))) found.push(vehicleOfFormer(sk));
    return found;
  }

  async forgetInHistory(vehicleId: VehicleId, personId: PersonId): Promise<number> {
    let lines = 0;
    for await (const item of this.#items(ownershipRanges.history(vehicleId))) {
      const { from, to } = changeOf(item);
      if (from === personId) await this.#takeOut(item, 'from', personId);
      if (to === personId) await this.#takeOut(item, 'to', personId);
      if (from === personId || to === personId) lines += 1;
    }
    return lines;
  }

  async forgetPerson(personId: PersonId, recipient: string | undefined): Promise<number> {
    const offers = recipient === undefined ? 0 : await this.#deleteAll(ownershipRanges.offers(recipient));
    return offers + (await this.#deleteAll(ownershipRanges.person(personId)));
  }

  async forgetVehicle(vehicleId: VehicleId): Promise<number> {
    // The persons' own lists first: the history says whose, and goes last.
    for await (const item of this.#items(ownershipRanges.history(vehicleId))) {
      const { to } = changeOf(item);
      if (to !== undefined) await this.#delete(ownershipKeys.former(to, vehicleId));
    }
    return this.#deleteAll(ownershipRanges.vehicle(vehicleId));
  }

  async *#items({ pk, prefix }: Range): AsyncGenerator<Item> {
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          ...{ TableName: this.#table, ConsistentRead: true, ExclusiveStartKey: start },
          // A key condition takes no empty prefix.
          KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ...(prefix !== '' && { ':prefix': prefix }) },
        }),
      );
      yield* Items.map((item) => keyed.parse(item));
      start = LastEvaluatedKey;
    } while (start !== undefined);
  }

  async #deleteAll(range: Range): Promise<number> {
    const found: Item[] = [];
    for await (const item of this.#items(range)) found.push(item);
    // What names the others comes last, so that a run that breaks off can be repeated.
    found.sort((one, other) => Number(isChangeKey(one.sk)) - Number(isChangeKey(other.sk)));
    for (const { pk, sk } of found) await this.#delete({ pk, sk });
    return found.length;
  }

  async #delete(Key: { pk: string; sk: string }): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key }));
  }

  async #takeOut({ pk, sk }: Item, party: 'from' | 'to', personId: PersonId): Promise<void> {
    const update = {
      ...{ TableName: this.#table, Key: { pk, sk }, ConditionExpression: isStillNamed },
      UpdateExpression: 'REMOVE #party SET partyErased = :true',
      ExpressionAttributeNames: { '#party': party },
      ExpressionAttributeValues: { ':person': personId, ':true': true },
    };
    await written(this.#client.send(new UpdateCommand(update)));
  }
}
