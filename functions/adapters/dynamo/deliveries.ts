import { type DynamoDBDocumentClient, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page } from '#shared/kernel/paging.ts';
import { type Delivery, type DeliveryStatus, keptFor } from '#shared/webhooks/delivery.ts';
import type { DeliveryRepository, PageOrder } from '#shared/webhooks/ports.ts';
import { type DeliveryId, isDeliveryId, type WebhookId } from '#shared/webhooks/webhook-id.ts';
import { BatchedGets } from './batched-gets.ts';
import { ttl, unlessContended, written, writtenOrThere } from './document-client.ts';
import { deliveriesOf, deliveryOf, webhookKeys } from './webhook-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'attempts = :attempts AND since = :since';

/**
 * Two copies of a first attempt that came to different ends have written it into two lists. Where it waits it is tried
 * again, and ends in one.
 */
const statuses: readonly DeliveryStatus[] = ['waiting', 'delivered', 'dead'];
const placed = z.object({ sk: z.string() });

export class DynamoDeliveryRepository implements DeliveryRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  readonly #gets: BatchedGets;

  constructor(client: DynamoDBDocumentClient, table: string, gets = new BatchedGets(client, table)) {
    this.#client = client;
    this.#table = table;
    this.#gets = gets;
  }

  async load(webhookId: WebhookId, deliveryId: DeliveryId): Promise<Delivery | undefined> {
    const keys = statuses.map((status) => webhookKeys.delivery(webhookId, status, deliveryId));
    const items = await Promise.all(keys.map((key) => this.#gets.get(key)));
    const found = items.find((item) => item !== undefined);
    return found === undefined ? undefined : deliveryOf(found);
  }

  async of(
    webhookId: WebhookId,
    status: DeliveryStatus,
    { limit, from, oldestFirst = false }: PageOrder,
  ): Promise<Page<Delivery>> {
    if (from !== undefined && !isDeliveryId(from)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    const pk = deliveriesOf(webhookId, status);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true, ScanIndexForward: oldestFirst },
        ...{ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } },
        ...(from !== undefined && { ExclusiveStartKey: { pk, sk: from } }),
      }),
    );
    const items = Items.map(deliveryOf);
    return LastEvaluatedKey === undefined ? { items } : { items, next: placed.parse(LastEvaluatedKey).sk };
  }

  async save(delivery: Delivery, seen: Delivery | undefined): Promise<boolean> {
    const TableName = this.#table;
    const { webhookId, deliveryId, state, since } = delivery;
    const key = webhookKeys.delivery(webhookId, state.status, deliveryId);
    const Item = { ...key, ...delivery, expiresAt: ttl(since + keptFor) };
    if (seen === undefined) {
      return writtenOrThere(this.#client, { TableName, Item, ConditionExpression: isNew });
    }
    const asSeen = {
      ConditionExpression: unchanged,
      ExpressionAttributeValues: { ':attempts': seen.attempts, ':since': seen.since },
    };
    if (seen.state.status === state.status) {
      return writtenOrThere(this.#client, { TableName, Item, ...asSeen });
    }
    const Key = webhookKeys.delivery(webhookId, seen.state.status, deliveryId);
    const [other] = statuses.filter((status) => status !== state.status && status !== seen.state.status);
    const others = other === undefined ? [] : [webhookKeys.delivery(webhookId, other, deliveryId)];
    const moved = new TransactWriteCommand({
      TransactItems: [
        { Delete: { TableName, Key, ...asSeen } },
        { Put: { TableName, Item } },
        ...others.map((left) => ({ Delete: { TableName, Key: left } })),
      ],
    });
    return unlessContended(written(this.#client.send(moved)));
  }
}
