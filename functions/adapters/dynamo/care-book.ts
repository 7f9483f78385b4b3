import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Instant } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Allowance, CareBook, CareList, CareRecord } from '#shared/sharing/care/care-book.ts';
import { BatchedGets, type ItemKey } from './batched-gets.ts';
import { ttl, unlessContended, written } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const isLeft = 'attribute_not_exists(taken) OR taken < :most';

export const careKinds = ['album', 'damage', 'dirt', 'item', 'card', 'expense', 'opening'] as const;
export type CareItemKind = (typeof careKinds)[number];

/** The one author of the Care table's keys. */
export const careKeys = {
  record: (kind: CareItemKind, id: string) => ({ pk: `${kind}#${id}`, sk: kind }),
  /** Where a record stands in a list: a line that names it, and holds nothing of it. */
  line: (list: CareList, kind: CareItemKind, id: string) => ({ pk: careKeys.list(list), sk: `${kind}#${id}` }),
  list: (list: CareList) => {
    switch (list.of) {
      case 'vehicle':
        return `vehicle#${list.vehicleId}`;
      case 'desk':
        return `desk#${list.operatorId}`;
      case 'person':
        return `person#${list.personId}`;
      case 'use':
        return `use#${list.reservationId}`;
    }
  },
  allowance: (name: string, until: Instant) => ({ pk: `allowance#${name}`, sk: String(until) }),
};

/** How records of one kind are kept. */
export interface KeptKind<T> {
  readonly kind: CareItemKind;
  readonly parse: (item: unknown) => T;
  readonly idOf: (record: T) => string;
  readonly lists: (record: T) => readonly CareList[];
}

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;

const placed = z.object({ sk: z.string() });

/** A record under its id, and a line for each list that it stands in: all of it changes in one write. */
export class DynamoCareBook<T extends CareRecord> implements CareBook<T> {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #kept: KeptKind<T>;
  readonly #records: BatchedGets;

  constructor(client: DynamoDBDocumentClient, table: string, kept: KeptKind<T>) {
    this.#client = client;
    this.#table = table;
    this.#kept = kept;
    this.#records = new BatchedGets(client, table);
  }

  async load(id: string): Promise<T | undefined> {
    const { kind, parse } = this.#kept;
    const get = { TableName: this.#table, Key: careKeys.record(kind, id), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : parse(Item);
  }

  save(next: T, seen: T | undefined): Promise<boolean> {
    const TableName = this.#table;
    const { kind, idOf } = this.#kept;
    const expiresAt = ttl(next.forgetAt);
    const put = {
      ...{ TableName, Item: { ...careKeys.record(kind, idOf(next)), ...next, expiresAt } },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen.version } }),
    };
    const wanted = this.#lines(next);
    const there = seen === undefined ? [] : this.#lines(seen);
    const isSame = (one: ItemKey) => (other: ItemKey) => one.pk === other.pk;
    // A line lives as long as what it names.
    const stays = seen?.forgetAt === next.forgetAt;
    const added = wanted.filter((key) => !stays || !there.some(isSame(key)));
    const left = there.filter((key) => !wanted.some(isSame(key)));
    const writes: Writes = [
      { Put: put },
      ...added.map((key) => ({ Put: { TableName, Item: { ...key, expiresAt } } })),
      ...left.map((Key) => ({ Delete: { TableName, Key } })),
    ];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems: writes }))));
  }

  async list(list: CareList, { limit, from }: PageRequest): Promise<Page<T>> {
    const { kind, parse } = this.#kept;
    const prefix = `${kind}#`;
    if (from !== undefined && !from.startsWith(prefix)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    const pk = careKeys.list(list);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true, ScanIndexForward: false },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
        ExpressionAttributeValues: { ':pk': pk, ':kind': prefix },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
      }),
    );
    const ids = Items.map((item) => placed.parse(item).sk.slice(prefix.length));
    const found = await Promise.all(ids.map((id) => this.#records.get(careKeys.record(kind, id))));
    const items = found.filter((item) => item !== undefined).map(parse);
    return LastEvaluatedKey === undefined ? { items } : { items, next: placed.parse(LastEvaluatedKey).sk };
  }

  #lines(record: T): readonly ItemKey[] {
    const { kind, idOf, lists } = this.#kept;
    return lists(record).map((list) => careKeys.line(list, kind, idOf(record)));
  }
}

/** Counters that the table forgets by itself. */
export class DynamoAllowance implements Allowance {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  take(name: string, most: number, until: Instant): Promise<boolean> {
    const update = {
      ...{ TableName: this.#table, Key: careKeys.allowance(name, until), ConditionExpression: isLeft },
      UpdateExpression: 'ADD taken :one SET expiresAt = :expiresAt',
      ExpressionAttributeValues: { ':one': 1, ':most': most, ':expiresAt': ttl(until) },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }
}
