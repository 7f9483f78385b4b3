import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { sortableInstant } from '#shared/kernel/base32.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Due, DueRepository } from '#shared/ota/campaigns/ports.ts';
import { campaignKeys } from './campaign-item.ts';
import { ttl } from './document-client.ts';
import { vehicleIdValue } from './registry-item.ts';

const dueItem = z.object({ sk: z.string(), vehicleId: vehicleIdValue, at: z.number() });
/** What was done is behind the run's position, and goes by itself. */
const kept = 7 * 24 * 3_600_000;

export class DynamoDueRepository implements DueRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async add({ campaignId, vehicleId, at }: Due): Promise<void> {
    const key = { pk: campaignKeys.due(campaignId), sk: `${sortableInstant(at)}#${vehicleId}` };
    // The same again says the same.
    const Item = { ...key, vehicleId, at, expiresAt: ttl(at + kept) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item }));
  }

  async page(campaignId: CampaignId, until: number, limit: number, after?: string) {
    const found = await this.#after(campaignId, limit, after);
    const items = found.filter(({ at }) => at <= until);
    return { items: items.map(({ sk, ...rest }) => ({ campaignId, ...rest, position: sk })) };
  }

  async next(campaignId: CampaignId, after?: string): Promise<number | undefined> {
    const [first] = await this.#after(campaignId, 1, after);
    return first?.at;
  }

  async #after(campaignId: CampaignId, limit: number, after = '0') {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true, Limit: limit },
        KeyConditionExpression: 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: { ':pk': campaignKeys.due(campaignId), ':after': after },
      }),
    );
    return Items.map((item) => dueItem.parse(item));
  }
}
