import { type DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { PartnerFeedRepository } from '#shared/partners/assets/feed-ports.ts';
import type { CityOffer, FeedState } from '#shared/partners/assets/feed-state.ts';
import type { FeedName, PartnerFeed } from '#shared/partners/assets/partner-feed.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { unlessContended, written } from './document-client.ts';
import {
  cityPartition,
  feedKeys,
  feedList,
  feedNameValue,
  feedOf,
  feedPrefix,
  offerPrefix,
  offerValue,
  stateItemOf,
  stateOf,
} from './partner-feed-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';
const notCheckedSince = 'attribute_not_exists(pk) OR checkedAt < :checkedAt';

const placed = z.object({ sk: z.string() });

export class DynamoPartnerFeeds implements PartnerFeedRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  load(name: FeedName): Promise<PartnerFeed | undefined> {
    return this.#read(feedKeys.feed(name), feedOf);
  }

  state(name: FeedName): Promise<FeedState | undefined> {
    return this.#read(feedKeys.state(name), stateOf);
  }

  of(systemId: SystemId, page: PageRequest): Promise<Page<PartnerFeed>> {
    return this.#list(cityPartition(systemId), feedPrefix, page, feedOf);
  }

  all(page: PageRequest): Promise<Page<FeedName>> {
    return this.#list(feedList, '', page, (item) => feedNameValue.parse(item));
  }

  save(feed: PartnerFeed, seen: PartnerFeed | undefined): Promise<boolean> {
    const TableName = this.#table;
    const { systemId, feedId } = feed;
    const asSeen =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    const items = [
      { Put: { TableName, Item: { ...feedKeys.feed(feed), ...feed }, ...asSeen } },
      { Put: { TableName, Item: { ...feedKeys.line(feed), systemId, feedId } } },
    ];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems: items }))));
  }

  saveState(feed: PartnerFeed, state: FeedState): Promise<boolean> {
    const TableName = this.#table;
    const offer: CityOffer = { feedId: feed.feedId, issuer: feed.issuer.name, freshUntil: state.freshUntil };
    const later = {
      ConditionExpression: notCheckedSince,
      ExpressionAttributeValues: { ':checkedAt': state.checkedAt },
    };
    const items = [
      { Put: { TableName, Item: stateItemOf(feed, state), ...later } },
      { Put: { TableName, Item: { ...feedKeys.offer(feed), ...offer } } },
    ];
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems: items }))));
  }

  async offers(systemId: SystemId): Promise<readonly CityOffer[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)' },
        ExpressionAttributeValues: { ':pk': cityPartition(systemId), ':prefix': offerPrefix },
      }),
    );
    return Items.map((item) => offerValue.parse(item));
  }

  async #read<T>(Key: { readonly pk: string; readonly sk: string }, parse: (item: unknown) => T) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item === undefined ? undefined : parse(Item);
  }

  async #list<T>(
    pk: string,
    prefix: string,
    { limit, from }: PageRequest,
    parse: (item: unknown) => T,
  ): Promise<Page<T>> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true },
        ...within(pk, prefix),
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: `${prefix}${from}` } }),
      }),
    );
    const items = Items.map(parse);
    if (LastEvaluatedKey === undefined) return { items };
    return { items, next: placed.parse(LastEvaluatedKey).sk.slice(prefix.length) };
  }
}

/** A sort key begins with something: an empty beginning is none. */
function within(pk: string, prefix: string) {
  if (prefix === '') return { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } };
  return {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
  };
}
