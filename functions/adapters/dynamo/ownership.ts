import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PersonId } from '#shared/access/person.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Ownership, OwnershipChange, Step } from '#shared/ownership/ownership.ts';
import type { OwnershipRepository, ReceivedOffer } from '#shared/ownership/ownership-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { unlessContended, written } from './document-client.ts';
import {
  changeItemOf,
  changeOf,
  ownerItemOf,
  ownershipKeys,
  ownershipOf,
  ownershipRanges,
  type Range,
  receivedItemOf,
  receivedOf,
} from './ownership-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const isThisCode = 'revision = :revision';

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const personPosition = z.strictObject({ pk: z.string(), sk: z.string(), since: z.string() });
const rangePosition = z.strictObject({ sk: z.string() });

export class DynamoOwnershipRepository implements OwnershipRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<Ownership | undefined> {
    const item = await this.#get(ownershipKeys.owner(vehicleId));
    return item === undefined ? undefined : ownershipOf(item);
  }

  save(step: Step): Promise<boolean> {
    const writes = [this.#owner(step), ...this.#history(step), ...this.#offers(step)];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems: writes }))));
  }

  async ownedBy(personId: PersonId, { limit, from }: PageRequest): Promise<Page<Ownership>> {
    const start = from === undefined ? undefined : { ...positionIn(from, personPosition), personId };
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{
          TableName: this.#table,
          IndexName: 'byPerson',
          Limit: limit,
          KeyConditionExpression: 'personId = :person',
        },
        ExpressionAttributeValues: { ':person': personId },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    const items = Items.map(ownershipOf);
    if (LastEvaluatedKey === undefined) return { items };
    const { pk, sk, since } = LastEvaluatedKey;
    return { items, next: JSON.stringify({ pk, sk, since }) };
  }

  history(vehicleId: VehicleId, page: PageRequest): Promise<Page<OwnershipChange>> {
    return this.#range(ownershipRanges.history(vehicleId), page, changeOf, { ScanIndexForward: false });
  }

  offersTo(recipient: string, page: PageRequest): Promise<Page<ReceivedOffer>> {
    return this.#range(ownershipRanges.offers(recipient), page, receivedOf);
  }

  async offer(recipient: string, offerId: string): Promise<ReceivedOffer | undefined> {
    const item = await this.#get(ownershipKeys.offer(recipient, offerId));
    return item === undefined ? undefined : receivedOf(item);
  }

  async #get(Key: { pk: string; sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }

  async #range<T>(
    { pk, prefix }: Range,
    { limit, from }: PageRequest,
    read: (item: unknown) => T,
    order: Pick<QueryCommandInput, 'ScanIndexForward'> = {},
  ): Promise<Page<T>> {
    const start = from === undefined ? undefined : { pk, ...positionIn(from, rangePosition) };
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true, ...order },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    const items = Items.map(read);
    return LastEvaluatedKey === undefined ? { items } : { items, next: JSON.stringify({ sk: LastEvaluatedKey['sk'] }) };
  }

  #owner({ seen, next }: Step): Write {
    const condition =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    return { Put: { TableName: this.#table, Item: ownerItemOf(next), ...condition } };
  }

  #history({ change }: Step): Write[] {
    if (change === undefined) return [];
    const { vehicleId, to, codeRevision } = change;
    const writes: Write[] = [
      { Put: { TableName: this.#table, Item: changeItemOf(change), ConditionExpression: isNew } },
    ];
    // Says the same however often it is written.
    if (to !== undefined) writes.push({ Put: { TableName: this.#table, Item: ownershipKeys.former(to, vehicleId) } });
    if (codeRevision === undefined) return writes;
    const used = {
      ...{ TableName: this.#table, Key: ownershipKeys.code(vehicleId), ConditionExpression: isThisCode },
      ExpressionAttributeValues: { ':revision': codeRevision },
    };
    return [...writes, { Delete: used }];
  }

  /** The recipient's copy follows the offer; the offer itself is under the owner's condition. */
  #offers({ seen, next, change }: Step): Write[] {
    const [before, after] = [seen?.offer, next.offer];
    if (before?.offerId === after?.offerId) return [];
    const writes: Write[] = [];
    if (before !== undefined) {
      const { recipient, offerId } = before;
      // An acceptance that is repeated finds that it was one.
      const taken = change?.offerId === offerId ? change.to : undefined;
      writes.push(
        taken === undefined
          ? { Delete: { TableName: this.#table, Key: ownershipKeys.offer(recipient, offerId) } }
          : { Put: { TableName: this.#table, Item: receivedItemOf(next.vehicleId, before, taken) } },
      );
    }
    if (after !== undefined) {
      const copy = receivedItemOf(next.vehicleId, after);
      writes.push({ Put: { TableName: this.#table, Item: copy, ConditionExpression: isNew } });
    }
    return writes;
  }
}

function positionIn<S extends z.ZodMiniType>(text: string, schema: S): z.output<S> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
  }
}
