import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Release, ReleaseId } from '#shared/ota/releases/release.ts';
import type { ReleaseRepository, ReleaseSummary } from '#shared/ota/releases/release-repository.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { written } from './document-client.ts';
import { itemOf, releaseKeys, releaseList, releaseOf, summaryItemOf, summaryOf } from './release-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const summaryKey = /^[0-9a-v]{9}#rel-[a-z2-7]{20}$/;

type Condition = Pick<
  NonNullable<NonNullable<TransactWriteCommandInput['TransactItems']>[number]['Put']>,
  'ConditionExpression' | 'ExpressionAttributeValues'
>;

export class DynamoReleaseRepository implements ReleaseRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(releaseId: ReleaseId): Promise<Release | undefined> {
    const get = { TableName: this.#table, Key: releaseKeys.release(releaseId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : releaseOf(Item);
  }

  add(release: Release): Promise<boolean> {
    return this.#put(release, { ConditionExpression: isNew });
  }

  save(release: Release, seenVersion: number): Promise<boolean> {
    return this.#put(release, {
      ConditionExpression: unchanged,
      ExpressionAttributeValues: { ':seen': seenVersion },
    });
  }

  async list(brands: readonly Brand[], { limit, from }: PageRequest): Promise<Page<ReleaseSummary>> {
    if (from !== undefined && !summaryKey.test(from)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    if (brands.length === 0) return { items: [] };
    const names = brands.map((_, index) => `:brand${index}`);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ScanIndexForward: false, ConsistentRead: true },
        KeyConditionExpression: 'pk = :list',
        FilterExpression: `brand IN (${names.join(', ')})`,
        ExpressionAttributeValues: {
          ':list': releaseList,
          ...Object.fromEntries(brands.map((brand, index) => [`:brand${index}`, brand])),
        },
        ...(from !== undefined && { ExclusiveStartKey: { pk: releaseList, sk: from } }),
      }),
    );
    const items = Items.map(summaryOf);
    const next: unknown = LastEvaluatedKey?.['sk'];
    return typeof next === 'string' ? { items, next } : { items };
  }

  /** With its line in the list, which says the same. */
  #put(release: Release, condition: Condition): Promise<boolean> {
    const TableName = this.#table;
    const TransactItems = [
      { Put: { TableName, Item: itemOf(release), ...condition } },
      { Put: { TableName, Item: summaryItemOf(release) } },
    ];
    return written(this.#client.send(new TransactWriteCommand({ TransactItems })));
  }
}
