import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { CounterRepository, Fold } from '#shared/ota/campaigns/ports.ts';
import { summed, type Tally } from '#shared/ota/campaigns/statistics.ts';
import { campaignKeys } from './campaign-item.ts';
import { written } from './document-client.ts';

const isBehind = 'attribute_not_exists(checkpoint) OR checkpoint < :sequence';

/** Sequence numbers are numbers too large for numbers; as strings of one length they sort as such. */
const sequenceLength = 40;
/** Counters are attributes of their own beside the checkpoint, so that one write adds to any of them. */
const prefix = 'n:';

const numbers = z.record(z.string(), z.unknown());

export class DynamoCounterRepository implements CounterRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  fold({ campaignId, shardId, first, last, tally }: Fold): Promise<boolean> {
    const changes = [...tally];
    const names = Object.fromEntries(changes.map(([name], place) => [`#n${place}`, prefix + name]));
    const values = Object.fromEntries(changes.map(([, change], place) => [`:n${place}`, change]));
    const additions = changes.map((_, place) => `#n${place} :n${place}`).join(', ');
    const update = {
      TableName: this.#table,
      Key: campaignKeys.shard(campaignId, shardId),
      UpdateExpression: `SET checkpoint = :last${additions === '' ? '' : ` ADD ${additions}`}`,
      ConditionExpression: isBehind,
      ...(changes.length > 0 && { ExpressionAttributeNames: names }),
      ExpressionAttributeValues: { ...values, ':last': sortable(last), ':sequence': sortable(first) },
    };
    return written(this.#client.send(new UpdateCommand(update)));
  }

  async isCounted(campaignId: CampaignId, shardId: string, sequence: string): Promise<boolean> {
    const { Item } = await this.#client.send(
      new GetCommand({
        ...{ TableName: this.#table, Key: campaignKeys.shard(campaignId, shardId), ConsistentRead: true },
        ProjectionExpression: 'checkpoint',
      }),
    );
    const checkpoint: unknown = Item?.['checkpoint'];
    return typeof checkpoint === 'string' && sortable(sequence) <= checkpoint;
  }

  async totals(campaignId: CampaignId): Promise<Tally> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true, KeyConditionExpression: 'pk = :pk' },
        ExpressionAttributeValues: { ':pk': campaignKeys.counters(campaignId) },
      }),
    );
    return summed(Items.map(tallyIn));
  }

  async reconcile(campaignId: CampaignId, counted: Tally): Promise<void> {
    const negative = new Map([...(await this.#shards(campaignId))].map(([name, count]) => [name, -count]));
    const correction = [...summed([counted, negative])].filter(([, change]) => change !== 0);
    const Item = {
      ...campaignKeys.correction(campaignId),
      ...Object.fromEntries(correction.map(([name, change]) => [prefix + name, change])),
    };
    // The same count says the same again; a later one knows better.
    await this.#client.send(new PutCommand({ TableName: this.#table, Item }));
  }

  async #shards(campaignId: CampaignId): Promise<Tally> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :shard)',
        ExpressionAttributeValues: { ':pk': campaignKeys.counters(campaignId), ':shard': 'shard#' },
      }),
    );
    return summed(Items.map(tallyIn));
  }
}

function tallyIn(item: unknown): Tally {
  const counters = Object.entries(numbers.parse(item)).flatMap(([name, count]): [string, number][] =>
    name.startsWith(prefix) && typeof count === 'number' ? [[name.slice(prefix.length), count]] : [],
  );
  return new Map(counters);
}

function sortable(sequence: string): string {
  return sequence.padStart(sequenceLength, '0');
}
