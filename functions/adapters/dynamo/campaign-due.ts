import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { sortableInstant } from '#shared/kernel/base32.ts';
import type { CampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Due, DueEntry, DueRepository } from '#shared/ota/campaigns/ports.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { campaignKeys } from './campaign-item.ts';
import { ttl } from './document-client.ts';
import { vehicleIdValue } from './registry-item.ts';

const dueItem = z.object({ sk: z.string(), vehicleIds: z.array(vehicleIdValue), at: z.number() });
/** What was done is behind the run's position, and goes by itself. */
const kept = 7 * 24 * 3_600_000;
/** What is due in the same so many ms and is written at the same time stands in one item: 30 bytes each. */
const grain = 10_000;
const gathering = 15;
const mostTogether = 100;

/** What waits to be written together, and who waits for that. */
interface Gathered {
  readonly vehicleIds: Set<VehicleId>;
  readonly written: Promise<void>;
}

export class DynamoDueRepository implements DueRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #gathered = new Map<string, Gathered>();

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  add({ campaignId, vehicleId, at: exactly }: Due): Promise<void> {
    const at = Math.ceil(exactly / grain) * grain;
    const name = `${campaignId} ${at}`;
    const waiting = this.#gathered.get(name);
    if (waiting !== undefined && waiting.vehicleIds.size < mostTogether) {
      waiting.vehicleIds.add(vehicleId);
      return waiting.written;
    }
    const vehicleIds = new Set([vehicleId]);
    const written = setTimeout(gathering).then(() => {
      if (this.#gathered.get(name)?.vehicleIds === vehicleIds) this.#gathered.delete(name);
      return this.#write(campaignId, at, [...vehicleIds].sort());
    });
    this.#gathered.set(name, { vehicleIds, written });
    return written;
  }

  async page(campaignId: CampaignId, until: number, limit: number, after?: string) {
    const found = await this.#after(campaignId, limit, after);
    return { items: found.filter(({ at }) => at <= until) };
  }

  async next(campaignId: CampaignId, after?: string): Promise<number | undefined> {
    const [first] = await this.#after(campaignId, 1, after);
    return first?.at;
  }

  async #write(campaignId: CampaignId, at: number, vehicleIds: readonly VehicleId[]): Promise<void> {
    const digest = createHash('sha256').update(vehicleIds.join()).digest('base64url').slice(0, 22);
    const key = { pk: campaignKeys.due(campaignId), sk: `${sortableInstant(at)}#${digest}` };
    // The same again says the same.
    const Item = { ...key, vehicleIds, at, expiresAt: ttl(at + kept) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item }));
  }

  async #after(campaignId: CampaignId, limit: number, after = '0'): Promise<DueEntry[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true, Limit: limit },
        KeyConditionExpression: 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: { ':pk': campaignKeys.due(campaignId), ':after': after },
      }),
    );
    return Items.map((item) => dueItem.parse(item)).map(({ sk, ...rest }) => ({ ...rest, position: sk }));
  }
}
