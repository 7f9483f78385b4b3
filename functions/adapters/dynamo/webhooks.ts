import {
  type DynamoDBDocumentClient,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { EventType } from '#shared/webhooks/event-catalogue.ts';
import type { WebhookName, WebhookRepository } from '#shared/webhooks/ports.ts';
import { listensTo, type Webhook } from '#shared/webhooks/webhook.ts';
import { isWebhookId } from '#shared/webhooks/webhook-id.ts';
import { BatchedGets } from './batched-gets.ts';
import { unlessContended, written } from './document-client.ts';
import { listenerOf, listenersOf, webhookKeys, webhookOf, webhooksOf } from './webhook-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;
const placed = z.object({ sk: z.string() });

export class DynamoWebhookRepository implements WebhookRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  readonly #gets: BatchedGets;

  constructor(client: DynamoDBDocumentClient, table: string, gets = new BatchedGets(client, table)) {
    this.#client = client;
    this.#table = table;
    this.#gets = gets;
  }

  async load(name: WebhookName): Promise<Webhook | undefined> {
    const item = await this.#gets.get(webhookKeys.webhook(name));
    return item === undefined ? undefined : webhookOf(item);
  }

  of(clientId: string, page: PageRequest): Promise<Page<Webhook>> {
    return this.#list(webhooksOf(clientId), page, true, webhookOf);
  }

  listeners(type: EventType, subject: string, page: PageRequest): Promise<Page<WebhookName>> {
    return this.#list(listenersOf(type, subject), page, false, listenerOf);
  }

  save(webhook: Webhook, seen: Webhook | undefined): Promise<boolean> {
    const TableName = this.#table;
    const condition =
      seen === undefined
        ? { ConditionExpression: isNew }
        : { ConditionExpression: unchanged, ExpressionAttributeValues: { ':seen': seen.version } };
    const Item = { ...webhookKeys.webhook(webhook), ...webhook };
    return this.#together([{ Put: { TableName, Item, ...condition } }, ...this.#lines(webhook, seen)]);
  }

  remove(seen: Webhook): Promise<boolean> {
    const TableName = this.#table;
    const { clientId, webhookId } = seen;
    const gone = {
      ...{ TableName, Key: webhookKeys.webhook({ clientId, webhookId }), ConditionExpression: unchanged },
      ExpressionAttributeValues: { ':seen': seen.version },
    };
    const lines = linesOf(seen).map((Key) => ({ Delete: { TableName, Key } }));
    return this.#together([{ Delete: gone }, ...lines]);
  }

  /** Those that change, and no others: how a receiver does is written often, and changes none. */
  #lines(webhook: Webhook, seen: Webhook | undefined): Writes {
    const TableName = this.#table;
    const { clientId, webhookId } = webhook;
    const [wanted, there] = [linesOf(webhook), seen === undefined ? [] : linesOf(seen)];
    const added = wanted.filter((key) => !there.some(({ pk }) => pk === key.pk));
    const left = there.filter((key) => !wanted.some(({ pk }) => pk === key.pk));
    return [
      ...added.map((key) => ({ Put: { TableName, Item: { ...key, clientId, webhookId } } })),
      ...left.map((Key) => ({ Delete: { TableName, Key } })),
    ];
  }

  async #list<T>(
    pk: string,
    { limit, from }: PageRequest,
    ConsistentRead: boolean,
    parse: (item: unknown) => T,
  ): Promise<Page<T>> {
    if (from !== undefined && !isWebhookId(from)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead, KeyConditionExpression: 'pk = :pk' },
        ExpressionAttributeValues: { ':pk': pk },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
      }),
    );
    const items = Items.map(parse);
    return LastEvaluatedKey === undefined ? { items } : { items, next: placed.parse(LastEvaluatedKey).sk };
  }

  #together(TransactItems: Writes): Promise<boolean> {
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }
}

function linesOf(webhook: Webhook) {
  return listensTo(webhook).map(({ type, subject }) => webhookKeys.listener(type, subject, webhook.webhookId));
}
