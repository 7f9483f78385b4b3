import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Update } from '#shared/ota/updates/update.ts';
import type { EnlistedPage, UpdateRepository } from '#shared/ota/updates/update-repository.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { unlessContended, written } from './document-client.ts';
import { vehicleIdValue } from './registry-item.ts';
import { campaignShards, updateItemOf, updateKeys, updateOf } from './update-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

const positionSchema = z.strictObject({
  shard: z.int().check(z.nonnegative()),
  after: z.exactOptional(z.strictObject({ pk: vehicleIdValue })),
});
type Position = z.infer<typeof positionSchema>;

export class DynamoUpdateRepository implements UpdateRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId, campaignId: CampaignId): Promise<Update | undefined> {
    const get = { TableName: this.#table, Key: updateKeys.update(vehicleId, campaignId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : updateOf(Item);
  }

  async ofVehicle(vehicleId: VehicleId): Promise<readonly Update[]> {
    const found: Update[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          ...{ TableName: this.#table, ConsistentRead: true },
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': vehicleId, ':prefix': updateKeys.prefix },
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      );
      found.push(...Items.map(updateOf));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }

  add(update: Update): Promise<boolean> {
    const put = { TableName: this.#table, Item: updateItemOf(update), ConditionExpression: isNew };
    return written(this.#client.send(new PutCommand(put)));
  }

  save(update: Update, seenVersion: number): Promise<boolean> {
    return written(this.#client.send(new PutCommand(this.#put(update, seenVersion))));
  }

  /** A vehicle has one campaign at a time as a rule: then it costs what a save costs. */
  claim(update: Update, seenVersion: number, others: readonly Update[]): Promise<boolean> {
    if (others.length === 0) return this.save(update, seenVersion);
    const seen = others.map((other) => this.#put({ ...other, version: other.version + 1 }, other.version));
    const TransactItems = [this.#put(update, seenVersion), ...seen].map((Put) => ({ Put }));
    return unlessContended(written(this.#client.send(new TransactWriteCommand({ TransactItems }))));
  }

  async enlisted(campaignId: CampaignId, limit: number, from?: string): Promise<EnlistedPage> {
    let position: Position = from === undefined ? { shard: 0 } : positionSchema.parse(JSON.parse(from));
    const vehicles: EnlistedPage['vehicles'][number][] = [];
    while (vehicles.length < limit && position.shard < campaignShards) {
      const { shard } = position;
      const page = await this.#shard(campaignId, position, limit - vehicles.length);
      for (const pk of page.vehicleIds) {
        vehicles.push({ vehicleId: pk, position: JSON.stringify({ shard, after: { pk } }) });
      }
      position = page.next;
    }
    return position.shard < campaignShards ? { vehicles, next: JSON.stringify(position) } : { vehicles };
  }

  #put(update: Update, seenVersion: number) {
    return {
      ...{ TableName: this.#table, Item: updateItemOf(update), ConditionExpression: unchanged },
      ExpressionAttributeValues: { ':seen': seenVersion },
    };
  }

  async #shard(campaignId: CampaignId, { shard, after }: Position, limit: number) {
    const campaignShard = updateKeys.shard(campaignId, shard);
    const start = after === undefined ? undefined : { campaignShard, pk: after.pk, sk: campaignId };
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, IndexName: 'byCampaign', Limit: limit },
        KeyConditionExpression: 'campaignShard = :shard',
        ExpressionAttributeValues: { ':shard': campaignShard },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    const vehicleIds = Items.map((item) => vehicleIdValue.parse(item['pk']));
    if (LastEvaluatedKey === undefined) return { vehicleIds, next: { shard: shard + 1 } };
    return { vehicleIds, next: { shard, after: { pk: vehicleIdValue.parse(LastEvaluatedKey['pk']) } } };
  }
}
