import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { Campaign } from '#shared/ota/campaigns/campaign.ts';
import { type CampaignId, isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { CampaignRepository, RunRepository } from '#shared/ota/campaigns/ports.ts';
import type { Run } from '#shared/ota/campaigns/run.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { campaignItemOf, campaignKeys, campaignOf, runItemOf, runOf } from './campaign-item.ts';
import { written, writtenOrThere } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

export class DynamoCampaignRepository implements CampaignRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(campaignId: CampaignId): Promise<Campaign | undefined> {
    const get = { TableName: this.#table, Key: campaignKeys.campaign(campaignId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : campaignOf(Item);
  }

  add(campaign: Campaign): Promise<boolean> {
    const put = { TableName: this.#table, Item: campaignItemOf(campaign), ConditionExpression: isNew };
    return written(this.#client.send(new PutCommand(put)));
  }

  save(campaign: Campaign, seenVersion: number): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: campaignItemOf(campaign), ConditionExpression: unchanged },
      ExpressionAttributeValues: { ':seen': seenVersion },
    };
    return written(this.#client.send(new PutCommand(put)));
  }

  async list(brands: readonly Brand[], { limit, from }: PageRequest): Promise<Page<Campaign>> {
    if (from !== undefined && !isCampaignId(from)) {
      throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
    }
    if (brands.length === 0) return { items: [] };
    const names = Object.fromEntries(brands.map((brand, place) => [`:brand${place}`, brand]));
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, Limit: limit, ConsistentRead: true, ScanIndexForward: false },
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: `brand IN (${Object.keys(names).join(', ')})`,
        ExpressionAttributeValues: { ':pk': campaignKeys.campaigns, ...names },
        ...(from !== undefined && { ExclusiveStartKey: campaignKeys.campaign(from) }),
      }),
    );
    const items = Items.map(campaignOf);
    return LastEvaluatedKey === undefined ? { items } : { items, next: String(LastEvaluatedKey['sk']) };
  }
}

export class DynamoRunRepository implements RunRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(campaignId: CampaignId): Promise<Run | undefined> {
    const get = { TableName: this.#table, Key: campaignKeys.run(campaignId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : runOf(Item);
  }

  save(run: Run, seen: number | undefined): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: runItemOf(run) },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen } }),
    };
    return writtenOrThere(this.#client, put);
  }
}
